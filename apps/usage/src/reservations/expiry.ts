import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Counter } from 'prom-client';
import { DataSource, type EntityManager } from 'typeorm';
import { nowAndThen } from '#rpc/now-and-then';
import { KIT, type UsageKit } from '../kit.js';
import { writeIn } from '../store/ledger.js';
import { Partitions } from '../store/partitions.js';
import { tokensOf } from './came-to.js';
import { endReservations, type Reservation } from './reservation-row.js';
import { TillTeller } from './till-teller.js';

const EVERY_MILLISECONDS = 1000;
const AT_ONCE = 50;
/** A till that has not heard by then is in the memory of a gateway that is gone. */
const PATIENCE = `interval '10 minutes'`;
/** Whoever still settles after that is told that there is nothing. */
const KEPT = `interval '7 days'`;

/**
 * Ends the reservations of the dead: charged for their input, as the edge charges a request whose gateway died. And tells
 * tills what they have not heard. Any number of replicas do both; each takes what no other has.
 */
@Injectable()
export class Expiry implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly expired: Counter;
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private readonly complain = nowAndThen(() => this.kit.log, 'reservations could not be ended; trying again');

  constructor(
    private readonly db: DataSource,
    private readonly partitions: Partitions,
    private readonly tills: TillTeller,
    @Inject(KIT) private readonly kit: UsageKit,
  ) {
    this.expired = new Counter({
      name: 'keyward_reservations_expired_total',
      help: 'Reservations that nobody has ended in time, charged for their input',
      registers: [kit.metrics],
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.round()
        .catch(this.complain)
        .finally(() => {
          this.running = undefined;
        });
    }, EVERY_MILLISECONDS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async round(): Promise<void> {
    for (let ended = AT_ONCE; ended === AT_ONCE; ) ended = await this.expire();
    const untold: Reservation[] = await this.db.query(
      `SELECT * FROM reservation WHERE state <> 'open' AND held IS NOT NULL
          AND ended_at BETWEEN clock_timestamp() - ${PATIENCE} AND clock_timestamp() - interval '1 second'
        ORDER BY ended_at LIMIT ${AT_ONCE}`,
    );
    // Of its tokens nothing more is known here; its minute is over, or nearly.
    for (const each of untold) await this.tills.tellEnd(each, each.held?.counted?.tokens ?? null);
    await this.db.query(
      `DELETE FROM reservation WHERE id IN (SELECT id FROM reservation
         WHERE state <> 'open' AND ended_at < clock_timestamp() - ${KEPT} LIMIT ${AT_ONCE})`,
    );
  }

  private async expire(): Promise<number> {
    const due: { created_at: Date }[] = await this.db.query(
      `SELECT created_at FROM reservation WHERE state = 'open' AND expires_at < clock_timestamp() LIMIT ${AT_ONCE}`,
    );
    if (due.length === 0) return 0;
    await this.partitions.ensure(due.map(({ created_at }) => created_at.getTime()));
    const ended = await this.db.transaction((tx) => this.expireIn(tx));
    this.expired.inc(ended.length);
    for (const each of ended) await this.tills.tellEnd(each, tokensOf(each.event));
    return ended.length;
  }

  private async expireIn(tx: EntityManager): Promise<Reservation[]> {
    const due: Reservation[] = await tx.query(
      `SELECT * FROM reservation WHERE state = 'open' AND expires_at < clock_timestamp()
        ORDER BY expires_at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED`,
    );
    if (due.length) await writeIn(tx, [{ id: null, events: due.map(({ event }) => event), denials: [] }]);
    const end = { state: 'expired' as const, provider: null, digest: null };
    return endReservations(
      tx,
      due.map(({ id, event }) => ({ ...end, id, cost: event.cost_nanos })),
    );
  }
}
