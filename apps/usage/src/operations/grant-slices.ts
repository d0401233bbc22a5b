import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { EscrowRpc } from '#contracts/escrow';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import { freeOf, grantOf } from '#domain/budget/grant';
import type { Leases } from '#domain/budget/leases';
import type { Nanos } from '#domain/money';
import { type Bucket, lockBuckets, makeBuckets } from '../bank/buckets.js';
import { noteLevels } from '../bank/levels.js';
import { type Booking, readSlices, writeBookings } from '../bank/slices.js';
import { enterTill, openTill } from '../bank/tills.js';
import { LEASES } from '../kit.js';

type Request = Asked<typeof EscrowRpc.grantSlices>;
type Answer = Answers<typeof EscrowRpc.grantSlices>;
type AskedBucket = Request['buckets'][number];

const ATTEMPTS = 5;

/** The bank's counter: one short transaction, the till first, then its buckets in the order of their ids, then its slices. */
@Injectable()
export class GrantSlices {
  constructor(
    private readonly db: DataSource,
    @Inject(LEASES) private readonly leases: Leases,
  ) {}

  async run(request: Request): Promise<Answer> {
    assertOwn(request);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        const answer = await this.db.transaction((tx) => this.attempt(tx, request));
        if (answer !== 'raced') return answer;
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        await makeBuckets(this.db, request.organization_id, error.buckets);
      }
    }
    throw new Refused('service_unavailable', { cause: new Error(`the till of ${request.key_id} is never free`) });
  }

  private async attempt(tx: EntityManager, request: Request): Promise<Answer | 'raced'> {
    let entered = await enterTill(tx, request, this.leases);
    if (entered.state === 'raced') return 'raced';
    if (entered.state === 'superseded')
      return { outcome: 'superseded', epoch: entered.epoch, lease_ms: 0, buckets: [] };
    const buckets = await lockBuckets(
      tx,
      request.buckets.map(({ bucket }) => bucket),
    );
    const missing = request.buckets.filter(({ bucket }) => !buckets.has(bucket)).map(({ bucket }) => bucket);
    if (missing.length) throw new Missing(missing);
    const placeAt = (epoch: number) => ({ key_id: request.key_id, till: request.till, epoch });
    let slices = await readSlices(tx, placeAt(entered.epoch));
    const hasLost = (asked: AskedBucket) =>
      isLost(asked, buckets.get(asked.bucket) as Bucket, slices.get(asked.bucket) ?? 0n);
    if (entered.state === 'renewed' && !entered.isNew && request.buckets.some(hasLost)) {
      entered = await openTill(tx, request, entered.epoch, this.leases);
      if (entered.state === 'raced') return 'raced';
      slices = new Map();
    }
    const { epoch, state } = entered;
    const place = placeAt(epoch);
    const decideOn = (asked: AskedBucket) => {
      const bucket = buckets.get(asked.bucket) as Bucket;
      if (bucket.organizationId !== request.organization_id)
        throw new Refused('not_found', { message: 'There is no such key.' });
      const returned = state === 'renewed' ? BigInt(asked.returned_nanos) : 0n;
      return decide(request, asked, bucket, slices.get(asked.bucket) ?? 0n, returned);
    };
    const all = request.buckets.map(decideOn);
    // Who cannot be helped whole gets nothing of what others could use.
    const isHelped = all.every(({ answer }, i) => BigInt(answer.granted_nanos) >= BigInt(need(request, i)));
    const decided = isHelped ? all : request.buckets.map((asked) => decideOn(withoutShared(request, asked)));
    await writeBookings(
      tx,
      place,
      decided.map(({ booking }) => booking),
    );
    const changed = decided.filter(({ booking }) => buckets.get(booking.bucket)?.limit !== booking.limit);
    await noteLevels(
      tx,
      changed.map(({ booking }) => booking.bucket),
    );
    const answers = decided.map(({ answer }) => answer);
    return { outcome: 'granted', epoch, lease_ms: this.leases.lease, buckets: answers };
  }
}

/** Nothing of the attempt stays: a till that was opened for nothing would refuse its own asker. */
class Missing extends Error {
  constructor(readonly buckets: readonly string[]) {
    super('these buckets are new');
  }
}

/**
 * Of what is set aside for this till most is not in it, and would help: it is in no request's hold, so it was spent a moment
 * ago or nobody ever heard that it was granted. Asked for again and again, a till would never be closed with it. Opened anew
 * it leaves it to its old epoch, whose lease is the last.
 */
function isLost(asked: AskedBucket, bucket: Bucket, outstanding: Nanos): boolean {
  if (asked.has_nanos === undefined || asked.returned_nanos !== '0' || asked.need_nanos === '0') return false;
  const [need, has] = [BigInt(asked.need_nanos), BigInt(asked.has_nanos)];
  const limit = asked.limit_nanos === null ? (bucket.limit ?? 0n) : BigInt(asked.limit_nanos);
  const missing = outstanding - has;
  return freeOf({ ...bucket, limit }) < need && missing >= need && missing > has;
}

function need({ buckets }: Request, i: number): string {
  return buckets[i]?.need_nanos ?? '0';
}

function isShared({ key_id }: Request, { bucket }: AskedBucket): boolean {
  return !bucket.startsWith(`${key_id}/`);
}

function withoutShared(request: Request, asked: AskedBucket): AskedBucket {
  return isShared(request, asked) ? { ...asked, need_nanos: '0', want_nanos: '0' } : asked;
}

function decide(
  request: Request,
  asked: AskedBucket,
  bucket: Bucket,
  held: Nanos,
  returned: Nanos,
): { booking: Booking; answer: Answer['buckets'][number] } {
  const { revision } = request;
  const isNewer = asked.limit_nanos !== null && (bucket.limit === null || revision >= bucket.limitRevision);
  const limit = isNewer ? BigInt(asked.limit_nanos ?? 0) : (bucket.limit ?? 0n);
  const limitRevision = isNewer ? revision : bucket.limitRevision;
  const back = returned < held ? returned : held;
  const account = { limit, settled: bucket.settled, granted: bucket.granted - back };
  const amount = grantOf(account, {
    need: BigInt(asked.need_nanos),
    want: BigInt(asked.want_nanos),
    outstanding: held - back,
    shared: isShared(request, asked),
  });
  const granted = account.granted + amount;
  const outstanding = held - back + amount;
  return {
    booking: { bucket: bucket.id, limit, limitRevision, granted, outstanding },
    answer: {
      bucket: bucket.id,
      granted_nanos: String(amount),
      limit_nanos: String(limit),
      settled_nanos: String(bucket.settled),
      free_nanos: String(freeOf({ ...account, granted })),
      outside_nanos: String(granted - outstanding),
    },
  };
}

/** A till holds money of its key, of the key's project and of its organization, and of nobody else. */
function assertOwn({ organization_id, project_id, key_id, buckets }: Request): void {
  const limited = [`${key_id}/`, `${project_id}/`];
  const credits = `${organization_id}/`;
  const wrong = buckets.findIndex(({ bucket, limit_nanos }) =>
    limit_nanos === null ? !bucket.startsWith(credits) : !limited.some((holder) => bucket.startsWith(holder)),
  );
  if (wrong >= 0)
    throw new Refused('invalid_request', {
      message: 'A bucket must be one of the key, of its project, or, without a limit, the credits of its organization.',
      param: `buckets.${wrong}.bucket`,
    });
  if (new Set(buckets.map(({ bucket }) => bucket)).size !== buckets.length)
    throw new Refused('invalid_request', { message: 'A bucket is named twice.', param: 'buckets' });
}
