import { Refused } from '#contracts/refusals';
import type { Bucket } from '#domain/budget/buckets';
import type { Leases } from '#domain/budget/leases';
import type { Claimed, Reserved, TillFacts } from '#domain/budget/reservation';
import type { Nanos } from '#domain/money';
import type { BusClient } from '#rpc/client';
import type { Log } from '#runtime/log';
import type { RedisNodes } from '#runtime/redis';
import { type Admission, fits, limitedBy, outOf, shortSoon } from './admission.js';
import { type Asking, askingOf, isLimited, type LimitAsk, type LimitedKey } from './asking.js';
import { BusyKeys } from './busy-keys.js';
import { chargedTo, Hold } from './hold.js';
import { HoldSweep } from './hold-sweep.js';
import { IdleSlices } from './idle-slices.js';
import { LiveHolds } from './live-holds.js';
import { MemoryTills } from './memory-tills.js';
import { Refills } from './refills.js';
import { Settlements, undoneOf } from './settlements.js';
import { Shards } from './shards.js';
import { SharedTills } from './shared-tills.js';
import { neverFits } from './standing.js';
import type { Tills } from './tills.js';

interface Parts {
  readonly redis: RedisNodes;
  readonly client: Pick<BusClient, 'call'>;
  /** This process, as others know it: its till is called like it. */
  readonly instance: string;
  /** Everybody who may let requests in at this moment; null for a process that lets nothing in while Redis is away. */
  readonly peers: (() => readonly string[]) | null;
  readonly log: Log;
  readonly leases: Leases;
  /** Told of a hold whose owner seems dead; what it is to be charged, null where it lives. Null for a process that leaves those to others. */
  readonly onAbandoned: ((claimed: Claimed) => Promise<Nanos | null>) | null;
}

export interface Standing {
  readonly facts: TillFacts;
  readonly buckets: readonly (Bucket | null)[];
}

/** With many at one till somebody else may take what was just fetched. */
const ROUNDS = 8;

/**
 * The one door through which requests are let in: rates, places and money, all or nothing. Over Redis, where all gateways
 * count together; where it is away, over tills of this process's own, with its share of the rates.
 */
export class Limits {
  readonly live: LiveHolds;
  readonly settlements = new Settlements();
  private readonly refills: Refills;
  private readonly shards: Shards;
  private readonly shared: SharedTills;
  private readonly mine: MemoryTills;
  private readonly idle: IdleSlices;
  private readonly sweep: HoldSweep;
  private readonly busy: BusyKeys | null;

  constructor(private readonly parts: Parts) {
    const { leases } = parts;
    this.refills = new Refills(parts.client, leases);
    this.live = new LiveHolds(parts.client, this.refills, leases);
    this.shards = new Shards(
      ...([parts.redis, parts.log, leases] as const),
      () => this.isBack(),
      () => this.shared.rates.tellOwn(),
    );
    this.shared = new SharedTills(this.shards, parts.instance, () => parts.peers?.() ?? []);
    this.mine = new MemoryTills(parts.instance, leases, this.shared.rates);
    this.idle = new IdleSlices(this.refills, this.mine, leases.lease);
    const { mine, shared, shards, refills, live } = this;
    // Who lets nothing in by itself while Redis is away does not while it is there either.
    this.busy = parts.peers && new BusyKeys({ mine, shared, shards, refills, live, leases }, parts.instance);
    this.sweep = new HoldSweep(
      this.shards,
      () => parts.onAbandoned !== null,
      (key, claims) => this.bury(this.shared, key, claims),
      leases,
    );
  }

  /** False while every gateway counts for itself, if only for some of the keys. */
  get isShared(): boolean {
    return this.shards.isWhole;
  }

  get busyKeys(): number {
    return this.busy?.size ?? 0;
  }

  /** False until everybody has told what they let in while Redis was away, as well. */
  get countsTogether(): boolean {
    return this.isShared && !this.shards.isSettling;
  }

  get ownTills(): number {
    return this.mine.size;
  }

  /** Null for a key that nothing limits: nobody is asked. No promise for one that is let in without a question. */
  reserve(request: LimitAsk): Promise<Admission> | Admission | null {
    const { key, tokens } = request;
    if (key.token_limit !== null && tokens > key.token_limit) throw neverFits(tokens, key.token_limit);
    if (!isLimited(key)) return null;
    // Who looks after its hold elsewhere has to find it where everybody does.
    const here = this.countsWithAll(key) && request.life === undefined ? this.busy?.admit(request) : null;
    if (!here) return this.admit(request);
    const { hold, facts } = here;
    return { ok: true, hold, facts, rates: { rpm: key.rate_limit, tpm: key.token_limit } };
  }

  /** What the tills know of keys, without asking the bank; null where they know nothing. */
  async look(keyIds: readonly string[]): Promise<(TillFacts | null)[]> {
    const look = async (id: string) => (this.shared.runOf(id) === '' ? null : this.shared.look(id).catch(() => null));
    return Promise.all(keyIds.map(look));
  }

  /** What a key has left at this moment, without taking anything. */
  async standing(key: LimitedKey, at: number): Promise<Standing> {
    const isShared = this.shared.runOf(key.key_id) !== '';
    if (!isShared && !this.parts.peers) throw alone();
    const tills = isShared ? this.shared : this.mine;
    const asking = askingOf({ key, requestId: '', at, amount: 0n, tokens: 0, ownKey: false, memo: null }, tills, null);
    const { buckets } = asking;
    const facts = await tills.look(key.key_id).catch((error: unknown) => {
      this.shards.trouble(key.key_id, error);
      throw new Refused('service_unavailable', { cause: error });
    });
    if (buckets.every((bucket) => bucket === null)) return { facts, buckets };
    await this.refills.renew(tills, key, asking, facts.now, facts.epoch);
    return { facts: await tills.look(key.key_id), buckets };
  }

  settle(hold: Hold, cost: Nanos, tokens: number | null, ownKey: boolean): void {
    this.live.remove(hold);
    const { ask } = hold.asking;
    const isCounted = ask.rpm !== null || ask.tpm !== null;
    const tokensOff = isCounted ? (tokens ?? 0) - ask.tokens : 0;
    const requestsOff = isCounted && tokens === null ? -1 : 0;
    if (!hold.isKept && tokensOff === 0 && requestsOff === 0) return;
    const { request, isKept: held, second } = hold;
    const told = { request, held, cost: Number(cost), ownKey, second, requestsOff, tokensOff };
    this.settlements.settle(hold.tills, hold.key.key_id, told);
  }

  /** For holds that were asked for on behalf of somebody else. Undefined: they are in the memory of another process. */
  tillsNamed(name: string): Tills | undefined {
    return [this.shared, this.mine].find((tills) => tills.name === name);
  }

  async close(): Promise<void> {
    this.live.stop();
    this.sweep.stop();
    await Promise.all([this.settlements.close(), this.busy?.close()]);
    this.shards.stop();
    this.shared.rates.stop();
    await this.idle.close();
  }

  private async admit(request: LimitAsk): Promise<Admission> {
    const { key_id } = request.key;
    if (this.countsWithAll(request.key)) {
      try {
        const admission = await this.attempt(this.shared, request, null);
        if (admission) return admission;
      } catch (error) {
        if (error instanceof Refused) throw error;
        this.shards.trouble(key_id, error);
        this.undo(request);
      }
    }
    if (!this.parts.peers) throw alone();
    const admission = await this.attempt(this.mine, request, this.parts.peers());
    if (admission) return admission;
    throw new Refused('service_unavailable', { cause: new Error('no till may spend for this key') });
  }

  /** What was taken for here is for everybody again, and what was let in here counts for everybody. */
  private isBack(): void {
    void this.idle.closeMine();
    this.shared.rates.tellOwn();
  }

  /** Where rates are counted not before all have told what they let in while Redis was away. */
  private countsWithAll({ key_id, rate_limit, token_limit }: LimitedKey): boolean {
    if (this.shared.runOf(key_id) === '') return false;
    const isRated = rate_limit !== null || token_limit !== null;
    return !isRated || this.parts.peers === null || this.shards.of(key_id)?.link.isSettling !== true;
  }

  /** Null where this till may not spend any more. */
  private async attempt(tills: Tills, request: LimitAsk, peers: readonly string[] | null): Promise<Admission | null> {
    const { key } = request;
    let asking!: Asking;
    let reserved!: Reserved;
    for (let round = 0; round < ROUNDS; round++) {
      asking = askingOf({ ...request, leavesDead: this.parts.onAbandoned === null }, tills, peers);
      reserved = await tills.reserve(key.key_id, asking.ask);
      if (reserved.claims.length) this.bury(tills, key.key_id, reserved.claims);
      if (reserved.outcome === 'held') return this.admitted(tills, key, asking, reserved);
      if (reserved.outcome === 'limited') return limitedBy(reserved, asking);
      if (reserved.why === 'short' && !fits(reserved, asking) && this.refills.isShort(tills, key))
        return outOf(reserved, reserved.slot, asking);
      const filled = await this.refills.fetch(tills, key, asking, reserved);
      // Somebody else has opened the till anew; if it is not there on a second look, it is not in this Redis.
      if (filled === 'superseded' && round > 1) return null;
    }
    // Every time somebody else was faster: what there is is spoken for, and the numbers say so.
    if (reserved.outcome === 'refill' && reserved.why === 'short') return outOf(reserved, reserved.slot, asking);
    throw new Refused('service_unavailable', { cause: new Error(`the till of ${key.key_id} does not stay open`) });
  }

  private admitted(
    tills: Tills,
    key: LimitedKey,
    asking: Asking,
    facts: Extract<Reserved, { outcome: 'held' }>,
  ): Admission {
    const from = chargedTo(tills.name, asking, facts);
    const { hold: life } = this.parts.leases;
    const hold = new Hold(this, { tills, key, asking, second: facts.second, facts, from, life });
    if (hold.isKept && asking.ask.life === undefined) this.live.add(hold);
    if (hold.isMoney) this.idle.used(tills, key, asking, facts);
    // In time, and nobody waits for it; whoever finds the slice empty asks again.
    if (facts.low) this.refills.fetch(tills, key, asking, shortSoon(facts)).catch(() => {});
    const { rpm, tpm } = asking.ask;
    return { ok: true, hold, facts, rates: { rpm, tpm } };
  }

  /** Their owner seems dead: somebody has to say what they came to. */
  private bury(tills: Tills, key: string, claims: readonly Claimed[]): void {
    for (const claimed of claims) {
      const { request } = claimed;
      const off = { second: 0, requestsOff: 0, tokensOff: 0 };
      this.parts.onAbandoned?.(claimed).then(
        (cost) => {
          if (cost === null) return;
          this.settlements.settle(tills, key, { request, held: true, cost: Number(cost), ownKey: false, ...off });
        },
        // Nobody could say. It is found again.
        () => {},
      );
    }
  }

  /** What was not answered in time may have been done. */
  private undo(request: LimitAsk): void {
    const undone = undoneOf(askingOf(request, this.shared, null).ask);
    if (undone) this.settlements.undo(this.shared, request.key.key_id, undone);
  }
}

function alone(): Refused {
  return new Refused('service_unavailable', { cause: new Error('redis is away, and nothing is counted here without') });
}
