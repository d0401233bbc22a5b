import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Clock } from '#runtime/clock';
import { KIT, LEDGER_STORE, type UsageKit } from './kit.js';
import { readUntil } from './store/folding.js';
import { Partitions } from './store/partitions.js';

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
const EVERY_MILLISECONDS = DAY_MILLISECONDS / 24;
/** Totals of days are kept for ever. */
const MINUTES_FOR_DAYS = 14;
const HOURS_FOR_DAYS = 400;
const BATCHES_FOR_DAYS = 3;
/** As long as anybody is told what a rule would have done, and a little. */
const OBSERVED_FOR_DAYS = 8;
const ROWS_AT_ONCE = 10_000;

/**
 * Makes the parts of the tables that will be written next, and drops those that are old. Any number of replicas does so:
 * what one has done, the others find done.
 */
@Injectable()
export class Retention implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private tidying: Promise<void> = Promise.resolve();

  constructor(
    @Inject(LEDGER_STORE) private readonly db: DataSource,
    private readonly partitions: Partitions,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: UsageKit,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // Whoever writes makes the parts that are missing: nothing waits for these.
    await this.makeAhead().catch((error: unknown) =>
      this.kit.log.warn({ err: error }, 'the next parts of the tables are not there yet'),
    );
    this.timer = setInterval(() => {
      this.tidying = this.tidy().catch((error: unknown) =>
        this.kit.log.warn({ err: error }, 'old usage stays for now'),
      );
    }, EVERY_MILLISECONDS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.tidying;
  }

  /** What is older is not in the log any more, or soon will not be. */
  logBegins(): number {
    return this.clock.now() - this.kit.config.KEYWARD_REQUEST_LOG_DAYS * DAY_MILLISECONDS;
  }

  async tidy(): Promise<void> {
    await this.makeAhead();
    const before = (days: number) => new Date(this.clock.now() - days * DAY_MILLISECONDS);
    // Never one that is not in hours and days yet.
    const minutes = new Date(Math.min(before(MINUTES_FOR_DAYS).getTime(), (await readUntil(this.db)).getTime()));
    for (const name of await this.partitions.endedBefore('usage_minute', minutes)) await this.partitions.drop(name);
    for (const name of await this.partitions.endedBefore('usage_hour', before(HOURS_FOR_DAYS)))
      await this.partitions.drop(name);
    for (const name of await this.partitions.endedBefore('usage_event', new Date(this.logBegins())))
      await this.partitions.drop(name, (db) => db.query(carryForward(name)));
    // Gateways ask for their batches within seconds. One that comes back later tells its batch again, and nothing counts twice.
    await this.forget('usage_batch', 'written_at', before(BATCHES_FOR_DAYS));
    await this.forget('observed_hour', 'start', before(OBSERVED_FOR_DAYS));
  }

  private async makeAhead(): Promise<void> {
    const now = this.clock.now();
    await this.partitions.ensure([0, 7, 14].map((days) => now + days * DAY_MILLISECONDS));
  }

  private async forget(table: string, column: string, before: Date): Promise<void> {
    for (let gone = ROWS_AT_ONCE; gone === ROWS_AT_ONCE; )
      [, gone] = await this.db.query(
        `DELETE FROM ${table} WHERE ctid IN (SELECT ctid FROM ${table} WHERE ${column} < $1 LIMIT ${ROWS_AT_ONCE})`,
        [before],
      );
  }
}

/** What the dropped rows came to: the ledger and what was carried forward add up to everything ever charged. */
function carryForward(name: string): string {
  const counts = 'spend_epoch, window_start, project_spend_epoch, project_window_start';
  return `INSERT INTO carried_forward
    SELECT organization_id, project_id, key_id, currency, own_key, prepaid, ${counts},
           count(*) FILTER (WHERE kind = 'final'), sum(cost_nanos), max(at)
      FROM "${name}" WHERE kind <> 'denied' GROUP BY organization_id, project_id, key_id, currency, own_key, prepaid, ${counts}`;
}
