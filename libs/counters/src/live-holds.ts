import { EscrowRpc } from '#contracts/escrow';
import type { Leases } from '#domain/budget/leases';
import type { BusClient } from '#rpc/client';
import type { Hold } from './hold.js';
import type { Refills } from './refills.js';

const LOOK_MILLISECONDS = 1000;
/** A request is stopped so long before others may count it as dead. */
const MARGIN_MILLISECONDS = 3000;
const BANK_MILLISECONDS = 2000;

/** The holds of this process. Each is extended for as long as its request lives; one that cannot be is lost in time. */
export class LiveHolds {
  /** By when each was extended last. */
  private readonly holds = new Map<Hold, number>();
  /** Told to stop, and what they came to is not known yet. */
  private readonly lost = new Set<Hold>();
  private readonly timer: NodeJS.Timeout;
  private extending?: Promise<void>;

  constructor(
    private readonly client: Pick<BusClient, 'call'>,
    private readonly refills: Refills,
    private readonly leases: Leases,
  ) {
    this.timer = setInterval(() => this.look(), LOOK_MILLISECONDS);
  }

  get size(): number {
    return this.holds.size;
  }

  add(hold: Hold): void {
    this.holds.set(hold, hold.admittedAt);
  }

  remove(hold: Hold): void {
    this.holds.delete(hold);
    this.lost.delete(hold);
  }

  /** When the oldest was admitted whose money nobody keeps any more, although it has not ended; null: there is none. */
  lostSince(): number | null {
    let since = Number.POSITIVE_INFINITY;
    for (const { admittedAt } of this.lost) since = Math.min(since, admittedAt);
    return Number.isFinite(since) ? since : null;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = Date.now();
    for (const hold of this.holds.keys()) {
      if (!hold.isMoney || hold.safeUntil - MARGIN_MILLISECONDS > now) continue;
      this.holds.delete(hold);
      this.lost.add(hold);
      hold.onLost?.();
    }
    this.extending ??= this.extendDue(now)
      // Who could not be extended is asked for again in a second, and lost in time.
      .catch(() => {})
      .finally(() => {
        this.extending = undefined;
      });
  }

  private async extendDue(now: number): Promise<void> {
    const due = new Map<string, Hold[]>();
    const extendEvery = this.leases.lease / 4;
    for (const [hold, extendedAt] of this.holds) {
      if (extendedAt + extendEvery > now) continue;
      const place = `${hold.tills.name} ${hold.key.key_id}`;
      const others = due.get(place);
      if (others) others.push(hold);
      else due.set(place, [hold]);
    }
    const lost = await Promise.all([...due.values()].map((holds) => this.extend(holds).catch(() => holds)));
    await this.keep(lost.flat().filter((hold) => hold.isMoney && this.holds.has(hold)));
  }

  /** Those that their till does not vouch for. */
  private async extend(holds: readonly Hold[]): Promise<readonly Hold[]> {
    const [first] = holds as [Hold];
    const at = Date.now();
    const requests = holds.map(({ request }) => request);
    const { now, epoch, leaseUntil, unknown } = await first.tills.extend(first.key.key_id, requests);
    let lease = leaseUntil - now;
    const { hold: life } = this.leases;
    if (lease < this.leases.lease / 2 && first.isMoney && epoch > 0) {
      const renewed = await this.refills.renew(first.tills, first.key, first.asking, now, epoch).catch(() => null);
      if (renewed === 'superseded') return holds;
      if (renewed === 'filled') lease = life;
    }
    const safeUntil = at + life + Math.min(0, lease);
    return holds.filter((hold) => {
      if (hold.isMoney && (hold.epoch !== epoch || unknown.includes(hold.request))) return true;
      hold.safeUntil = Math.max(hold.safeUntil, safeUntil);
      this.extended(hold, at);
      return false;
    });
  }

  /** Their till is lost or another one. The bank is told that they live, and leaves their money where it is. */
  private async keep(holds: readonly Hold[]): Promise<void> {
    const at = Date.now();
    for (let i = 0; i < holds.length; i += 200) {
      const some = holds.slice(i, i + 200);
      const told = { holds: some.map(keptOf) };
      const { kept, keep_ms } = await this.client.call(EscrowRpc.keepHolds, told, { timeoutMs: BANK_MILLISECONDS });
      for (const hold of some) {
        if (!kept.includes(hold.request)) continue;
        hold.safeUntil = Math.max(hold.safeUntil, at + keep_ms);
        this.extended(hold, at);
      }
    }
  }

  private extended(hold: Hold, at: number): void {
    if (this.holds.has(hold)) this.holds.set(hold, at);
  }
}

function keptOf({ tills, key, epoch, request, admittedAt, buckets, asking }: Hold) {
  const { organization_id, project_id, key_id } = key;
  return {
    organization_id,
    project_id,
    key_id,
    till: tills.name,
    epoch,
    request_id: request,
    admitted_at: new Date(admittedAt).toISOString(),
    buckets: buckets.map((bucket) => ({ bucket, held_nanos: String(asking.ask.amount) })),
  };
}
