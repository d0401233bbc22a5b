import type { UsageEvent } from '#contracts/usage';
import { bucketId, creditsBucketId } from '#domain/budget/bucket-id';
import type { Nanos } from '#domain/money';

/** As much of an event as money needs to know. */
export type Charged = Pick<
  UsageEvent,
  | 'organization_id'
  | 'project_id'
  | 'key_id'
  | 'spend_epoch'
  | 'window_start'
  | 'project_spend_epoch'
  | 'project_window_start'
  | 'own_key'
  | 'prepaid'
  | 'currency'
  | 'cost_nanos'
  | 'hold'
>;

interface BucketCost {
  readonly bucket: string;
  readonly organization: string;
  cost: Nanos;
}

interface SliceCost {
  readonly key: string;
  readonly till: string;
  readonly epoch: number;
  readonly bucket: string;
  readonly cost: Nanos;
}

/** Everything an event is charged to: decided when it was admitted, so that nothing of now has to be asked. */
function bucketsOf(event: Charged): string[] {
  const { organization_id, project_id, key_id, currency } = event;
  const buckets = [bucketId(key_id, event.spend_epoch, null), bucketId(project_id, event.project_spend_epoch, null)];
  if (event.window_start !== null) buckets.push(bucketId(key_id, event.spend_epoch, event.window_start));
  if (event.project_window_start !== null)
    buckets.push(bucketId(project_id, event.project_spend_epoch, event.project_window_start));
  if (event.prepaid && !event.own_key) buckets.push(creditsBucketId(organization_id, currency));
  return buckets;
}

/** What a batch comes to: a row for each bucket, and one for each slice the money was set aside in. */
export function settlementOf(events: readonly Charged[]): { buckets: BucketCost[]; slices: SliceCost[] } {
  const buckets = new Map<string, BucketCost>();
  const slices = new Map<string, SliceCost>();
  for (const event of events) {
    const nanos = BigInt(event.cost_nanos);
    for (const bucket of bucketsOf(event)) {
      const there = buckets.get(bucket);
      if (there) there.cost += nanos;
      else buckets.set(bucket, { bucket, organization: event.organization_id, cost: nanos });
      // A correction that takes something back frees it at the bank; the till has had it back long ago.
      if (event.hold === null || nanos <= 0n) continue;
      const { till, epoch } = event.hold;
      const place = `${event.key_id} ${till} ${epoch} ${bucket}`;
      const taken = (slices.get(place)?.cost ?? 0n) + nanos;
      slices.set(place, { key: event.key_id, till, epoch, bucket, cost: taken });
    }
  }
  return { buckets: [...buckets.values()], slices: [...slices.values()] };
}
