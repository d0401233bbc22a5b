import type { OnApplicationBootstrap, OnApplicationShutdown, Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../clock.js';
import type { Log } from '../log.js';

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const ROWS_AT_ONCE = 1000;

/** What nobody needs any more: the table, how long its rows are kept, and which of them were old at $1. */
export interface Leftover {
  readonly table: string;
  readonly keep: number;
  readonly old: string;
}

interface Parts {
  readonly db: DataSource;
  readonly clock: Clock;
  readonly log: Log;
  /** Whose house it is: replicas of one service wait for each other, and for nobody else. */
  readonly service: string;
  readonly leftovers: readonly Leftover[];
}

/** Clears away, once an hour, what has served its time. Of several replicas one does it, whichever is first. */
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private running?: Promise<unknown>;
  private stopping = false;

  constructor(private readonly parts: Parts) {}

  onApplicationBootstrap(): void {
    const tidy = () => {
      this.running = this.tidy().catch((error) =>
        this.parts.log.warn({ err: error }, 'old rows were not cleared away'),
      );
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
    for (const leftover of this.parts.leftovers) cleared[leftover.table] = await this.clear(leftover);
    return cleared;
  }

  /** In small bites: nobody else's row is locked for long, and no statement runs into its time-out. */
  private async clear({ table, keep, old }: Leftover): Promise<number> {
    const { db, clock, service } = this.parts;
    const before = new Date(clock.now() - keep);
    let cleared = 0;
    for (let bite = ROWS_AT_ONCE; bite === ROWS_AT_ONCE && !this.stopping; cleared += bite) {
      bite = await db.transaction(async (tx) => {
        const [{ mine }] = await tx.query('SELECT pg_try_advisory_xact_lock(hashtext($1)) AS mine', [
          `keyward:${service}:housekeeping`,
        ]);
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

/** For the module of a service. */
export function housekeepingWith({ log, service, leftovers }: Pick<Parts, 'log' | 'service' | 'leftovers'>): Provider {
  return {
    provide: Housekeeping,
    useFactory: (db: DataSource, clock: Clock) => new Housekeeping({ db, clock, log, service, leftovers }),
    inject: [DataSource, Clock],
  };
}
