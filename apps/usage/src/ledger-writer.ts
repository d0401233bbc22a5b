import { Inject, Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { DenialCount, UsageEvent } from '#contracts/usage';
import { bornAt } from '#domain/id';
import { isOutage } from '#runtime/postgres';
import { KIT, LEDGER_STORE, type UsageKit } from './kit.js';
import { Retention } from './retention.js';
import { type Told, writeTold } from './store/ledger.js';
import { Partitions } from './store/partitions.js';
import { putAside } from './store/usage-aside.js';

/** Writes what was told, and lets nothing that cannot be written stand in the way of the rest. */
@Injectable()
export class LedgerWriter {
  private readonly aside: Counter;

  constructor(
    @Inject(LEDGER_STORE) private readonly db: DataSource,
    private readonly retention: Retention,
    private readonly partitions: Partitions,
    @Inject(KIT) private readonly kit: UsageKit,
  ) {
    this.aside = new Counter({
      name: 'keyward_usage_events_put_aside_total',
      help: 'Usage events that could not be written to the ledger and wait in usage_aside',
      registers: [kit.metrics],
    });
  }

  /** How many rows were new. Throws, for another try, where it is not what was told that is in the way. */
  async write(told: readonly Told[]): Promise<number> {
    return this.attempt(await this.withoutTooOld(told));
  }

  private async attempt(told: readonly Told[]): Promise<number> {
    try {
      return await writeTold(this.db, this.partitions, told);
    } catch (error) {
      if (!isUnwritable(error)) throw error;
      // Looked for by halves: a million good ones would otherwise be written one by one for a bad one.
      const halves = halvesOf(told);
      if (halves === null) return this.giveUp(told, error as Error);
      let written = 0;
      for (const half of halves) written += await this.attempt(half);
      return written;
    }
  }

  private async giveUp(told: readonly Told[], error: Error): Promise<number> {
    await this.putAside(
      told.flatMap(({ events, denials }) => [...events, ...denials]),
      error.message,
    );
    return 0;
  }

  /** Its week may be gone, and with it the rows that would say whether it was told before: it must not be charged again. */
  private async withoutTooOld(told: readonly Told[]): Promise<readonly Told[]> {
    const since = this.retention.logBegins();
    const isOld = (event: UsageEvent) => bornAt(event.request_id) < since;
    const old = told.flatMap(({ events }) => events.filter(isOld));
    if (old.length === 0) return told;
    await this.putAside(old, 'older than the request log');
    return told.map((each) => ({ ...each, events: each.events.filter((event) => !isOld(event)) }));
  }

  private async putAside(what: readonly (UsageEvent | DenialCount)[], reason: string): Promise<void> {
    if (what.length) this.kit.log.error({ reason, first: what[0] }, 'usage that cannot be written was put aside');
    for (const each of what) await putAside(this.db, each, reason);
    this.aside.inc(what.length);
  }
}

/** What Postgres says of data: out of range, twice, against a rule, too large. */
const OF_DATA = /^(?:21|22|23|54).{3}$/;

/**
 * Whether it would fail again, whoever tries it, whenever. A full disk, a deadlock, a server that has become a replica, a
 * schema that is not there yet are nothing that a row should be put aside for: nobody would write it afterwards.
 */
function isUnwritable(error: unknown): boolean {
  const { driverError } = (error ?? {}) as { driverError?: { code?: string } };
  // What did not come from Postgres fell over the data here.
  return driverError === undefined ? !isOutage(error) : OF_DATA.test(driverError.code ?? '');
}

/**
 * Null for what cannot be parted any more. Parts of a batch have no id: the id is written last, when the ledger has, or has
 * put aside, all of it.
 */
function halvesOf(told: readonly Told[]): Told[][] | null {
  if (told.length > 1) {
    const middle = told.length >> 1;
    return [told.slice(0, middle), told.slice(middle)];
  }
  const [{ id, events, denials } = { id: null, events: [], denials: [] }] = told;
  if (events.length + denials.length === 0) return null;
  if (id !== null) return [[{ id: null, events, denials }], [{ id, events: [], denials: [] }]];
  if (events.length + denials.length === 1) return null;
  if (denials.length && events.length) return [[{ id, events, denials: [] }], [{ id, events: [], denials }]];
  const cut = (from: number, to?: number) => ({ id, events: events.slice(from, to), denials: denials.slice(from, to) });
  const middle = Math.max(events.length, denials.length) >> 1;
  return [[cut(0, middle)], [cut(middle)]];
}
