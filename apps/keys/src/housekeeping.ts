import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '#runtime/clock';
import { type KeysKit, KIT } from './kit.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ROWS_AT_ONCE = 1000;

/** What nobody needs any more: the table, how long its rows are kept, and which of them have become old. */
const LEFTOVERS = [
  { table: 'idempotency', keep: DAY, old: 'at < $1' },
  { table: 'sign_in_failure', keep: DAY, old: 'at < $1' },
  // One that was never told is not old, whatever its age. A gateway that asks for those before drops all it holds.
  { table: 'change', keep: 7 * DAY, old: 'at < $1 AND told_at IS NOT NULL' },
  { table: 'webhook_delivery', keep: 30 * DAY, old: 'created_at < $1' },
  { table: 'session', keep: 30 * DAY, old: 'least(ended_at, expires_at) < $1' },
] as const;

/** Clears away, once an hour, what has served its time. Of several replicas one does it, whichever is first. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private running?: Promise<unknown>;
  private stopping = false;

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: Pick<KeysKit, 'log'>,
  ) {}

  onApplicationBootstrap(): void {
    const tidy = () => {
      this.running = this.tidy().catch((error) => this.kit.log.warn({ err: error }, 'old rows were not cleared away'));
    };
    this.timer = setInterval(tidy, HOUR);
    tidy();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** How many rows went, of each table. */
  async tidy(): Promise<Record<string, number>> {
    const cleared: Record<string, number> = {};
    for (const leftover of LEFTOVERS) cleared[leftover.table] = await this.clear(leftover);
    return cleared;
  }

  /** In small bites: nobody else's row is locked for long, and no statement runs into its time-out. */
  private async clear({ table, keep, old }: (typeof LEFTOVERS)[number]): Promise<number> {
    const before = new Date(this.clock.now() - keep);
    let cleared = 0;
    for (let bite = ROWS_AT_ONCE; bite === ROWS_AT_ONCE && !this.stopping; cleared += bite) {
      bite = await this.db.transaction(async (tx) => {
        const [{ mine }] = await tx.query(
          `SELECT pg_try_advisory_xact_lock(hashtext('keyward:keys:housekeeping')) AS mine`,
        );
        if (!mine) return 0;
        const [{ gone }] = await tx.query(
          `WITH gone AS (
             DELETE FROM ${table} WHERE ctid IN (SELECT ctid FROM ${table} WHERE ${old} LIMIT ${ROWS_AT_ONCE}) RETURNING 1)
           SELECT count(*)::int AS gone FROM gone`,
          [before],
        );
        return gone;
      });
    }
    return cleared;
  }
}
