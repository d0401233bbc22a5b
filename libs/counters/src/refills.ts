import { EscrowRpc } from '#contracts/escrow';
import { Refused } from '#contracts/refusals';
import type { Asks, Gets } from '#contracts/rpc';
import type { Leases } from '#domain/budget/leases';
import { type FilledSlot, type Reserved, SLOTS, type SlotFacts } from '#domain/budget/reservation';
import type { Nanos } from '#domain/money';
import type { BusClient } from '#rpc/client';
import type { Asking, LimitedKey } from './asking.js';
import type { Tills } from './tills.js';

/** With what a frozen till has cost already, within the second in which a client is answered. */
const BANK_MILLISECONDS = 500;
/** An answer that comes later is put into the till all the same: what the bank has set aside would else lie there unspent. */
const LATE_MILLISECONDS = 3000;
/** The bank is asked no more often whether there is money again. */
const SHORT_MILLISECONDS = 250;
/** A slice should last so long: then nobody waits for the bank. */
const LASTING_MILLISECONDS = 2000;
const LONG_MILLISECONDS = 20_000;
const LIMIT_PARTS = 8;
/** What was spent so long ago the ledger knows, unless something is wrong with it. */
const TOLD_MILLISECONDS = 10_000;

type Refill = Extract<Reserved, { outcome: 'refill' }>;
type Wish = Asks<typeof EscrowRpc.grantSlices>['buckets'][number];
type Reply = Gets<typeof EscrowRpc.grantSlices>;

export type Filled = 'filled' | 'superseded';

/** Fetches slices from the bank: for each till one at a time, whoever else needs it waits for the same answer. */
export class Refills {
  private readonly underWay = new Map<string, { readonly done: Promise<Filled>; waiting: number }>();
  private readonly shortUntil = new Map<string, number>();

  constructor(
    private readonly client: Pick<BusClient, 'call'>,
    private readonly leases: Leases,
  ) {}

  /** The bank has just said that there is no more. */
  isShort(tills: Tills, key: LimitedKey): boolean {
    return (this.shortUntil.get(placeOf(tills, key)) ?? 0) > Date.now();
  }

  /** Refused where the bank is away. */
  fetch(tills: Tills, key: LimitedKey, asking: Asking, known: Refill): Promise<Filled> {
    const place = placeOf(tills, key);
    const there = this.underWay.get(place);
    // What was taken out of the till must reach the bank: that is not somebody else's answer to wait for.
    if (there && known.returned.every((amount) => amount === 0)) {
      there.waiting += asking.ask.amount;
      return there.done;
    }
    const waited = there?.waiting ?? 0;
    const done = inTime(this.ask(tills, key, asking, known, waited)).finally(() => {
      if (this.underWay.get(place)?.done === done) this.underWay.delete(place);
    });
    this.underWay.set(place, { done, waiting: asking.ask.amount });
    return done;
  }

  /** Nothing is needed and nothing wanted: the lease alone goes on. */
  async renew(tills: Tills, key: LimitedKey, asking: Asking, leaseAskedAt: number, epoch: number): Promise<Filled> {
    const wishes = asking.buckets.flatMap((bucket) => (bucket ? [wish(bucket.id, bucket.limit, 0, 0, 0)] : []));
    const renewed = this.call(tills, key, epoch, wishes);
    return inTime(renewed.then((reply) => this.put(tills, key, asking, { epoch, now: leaseAskedAt }, reply)));
  }

  /** What a till gives back, having taken it out of itself. */
  async giveBack(
    tills: Tills,
    key: LimitedKey,
    epoch: number,
    slots: readonly { readonly id: string; readonly limit: Nanos | null; readonly returned: number }[],
  ): Promise<void> {
    const wishes = slots
      .filter(({ returned }) => returned > 0)
      .map((slot) => wish(slot.id, slot.limit, 0, 0, slot.returned));
    if (wishes.length) await this.call(tills, key, epoch, wishes);
  }

  private async ask(tills: Tills, key: LimitedKey, asking: Asking, known: Refill, waited: number): Promise<Filled> {
    const wishes = asking.buckets.flatMap((_, i) => wishFor(i, asking, known, waited) ?? []);
    if (wishes.length === 0) return 'filled';
    const reply = await this.call(tills, key, known.epoch, wishes);
    const isEnough = reply.buckets.every((got, i) => BigInt(got.granted_nanos) >= BigInt(wishes[i]?.need_nanos ?? 0));
    if (reply.outcome === 'granted' && !isEnough) this.noteShort(placeOf(tills, key));
    return this.put(tills, key, asking, known, reply);
  }

  private async put(
    tills: Tills,
    key: LimitedKey,
    { ask, buckets }: Asking,
    { epoch, now, slots = [] }: Pick<Refill, 'epoch' | 'now'> & { readonly slots?: Refill['slots'] },
    reply: Reply,
  ): Promise<Filled> {
    if (reply.outcome === 'superseded') return 'superseded';
    // It would be closed while requests of ours still live in it.
    if (reply.lease_ms < this.leases.lease)
      throw new Error(
        'the bank gives shorter leases than we live by: KEYWARD_LEASE_SECONDS is not the same everywhere',
      );
    const filled = buckets.map((bucket, i): FilledSlot | null => {
      const known = slots[i];
      const got =
        reply.buckets.find(({ bucket: id }) => id === bucket?.id) ??
        reply.buckets.find(({ bucket: id }) => id === known?.id);
      if (!got) return null;
      return {
        id: got.bucket,
        window: got.bucket === bucket?.id ? bucket.window : (known?.window ?? 0),
        granted: Number(got.granted_nanos),
        limit: got.limit_nanos,
        free: got.free_nanos,
        outside: got.outside_nanos,
      };
    });
    const leaseUntil = now + reply.lease_ms;
    const { run, revision } = ask;
    await tills.fill(key.key_id, { run, asked: epoch, epoch: reply.epoch, leaseUntil, revision, slots: filled });
    return 'filled';
  }

  private async call(tills: Tills, key: LimitedKey, epoch: number, buckets: Wish[]): Promise<Reply> {
    const { organization_id, project_id, key_id, revision } = key;
    const till = tills.name;
    const run = tills.runOf(key_id);
    // Lost while it was asked. A till of nobody's would take over from the real one, and shut that out for two minutes.
    if (!run) throw new Error('nobody knows in which life this till is');
    const request = { organization_id, project_id, key_id, till, run, epoch, revision, buckets };
    return this.client.call(EscrowRpc.grantSlices, request, {
      ...{ timeoutMs: BANK_MILLISECONDS, lateMs: LATE_MILLISECONDS },
    });
  }

  private noteShort(place: string): void {
    const now = Date.now();
    for (const [other, until] of this.shortUntil) {
      if (until > now) break;
      this.shortUntil.delete(other);
    }
    this.shortUntil.delete(place);
    this.shortUntil.set(place, now + SHORT_MILLISECONDS);
  }
}

/** Nobody waits longer. What is under way goes on. */
async function inTime<T>(underWay: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Refused('service_unavailable', { cause: new Error('the bank has not answered yet') })),
    BANK_MILLISECONDS,
  );
  underWay.catch(() => {});
  return Promise.race([underWay, late.promise]).finally(() => clearTimeout(timer));
}

function placeOf({ name }: Tills, { key_id }: LimitedKey): string {
  return `${name} ${key_id}`;
}

/** The till may know a later window, or newer limits, than its asker does: where it is only short, it is the one to say. */
function wishFor(i: number, { ask, buckets }: Asking, known: Refill, waited: number): Wish | null {
  const bucket = buckets[i];
  const slot = known.slots[i];
  const isAhead = slot && (known.why === 'short' || (bucket && slot.window > bucket.window));
  const id = isAhead ? slot.id : bucket?.id;
  if (id === undefined) return null;
  const isCredits = i === SLOTS.indexOf('credits');
  const limit = isAhead ? BigInt(slot.limit) : (bucket?.limit ?? 0n);
  const there = slot?.id === id ? slot : null;
  const need = ask.charged[i] ? Math.max(0, ask.amount - (there?.slice ?? 0)) : 0;
  const returned = there ? (known.returned[i] ?? 0) : 0;
  const want = isLow(there, need, waited) ? Math.max(burnOf(slot, known), waited) : 0;
  return { ...wish(id, isCredits ? null : limit, need, want, returned), has_nanos: hasOf(there, known) };
}

/** What there is enough of is not asked for: a key that is short of its own would else collect everybody's, ask by ask. */
function isLow(slot: SlotFacts | null, need: number, waited: number): boolean {
  return !slot || need > 0 || slot.slice * 2 < slot.grant || slot.slice < waited;
}

/**
 * Told only where no request holds any, for what comes back of a hold would come back to an epoch that is over; and only where the
 * ledger has had the time to hear of all that was spent.
 */
function hasOf(slot: SlotFacts | null, { now, usedAt }: Refill): string | undefined {
  return slot?.held === 0 && now - usedAt >= TOLD_MILLISECONDS ? Math.max(0, slot.slice).toFixed(0) : undefined;
}

function wish(bucket: string, limit: Nanos | null, need: number, want: number, returned: number): Wish {
  return {
    bucket,
    limit_nanos: limit === null ? null : String(limit),
    need_nanos: need.toFixed(0),
    want_nanos: want.toFixed(0),
    returned_nanos: returned.toFixed(0),
  };
}

/** What the last grant was and how long it lasted says how fast the till spends, over all gateways. */
function burnOf(slot: SlotFacts | null | undefined, { now, filledAt, why }: Refill): number {
  if (!slot || why !== 'short') return 1;
  const lasted = now - filledAt;
  if (lasted > LONG_MILLISECONDS) return 1;
  // A till that is lost takes along what it has, however fast it seemed to spend.
  return Math.min(lasted < LASTING_MILLISECONDS ? slot.grant * 2 : slot.grant, Number(slot.limit) / LIMIT_PARTS);
}
