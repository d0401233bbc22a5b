import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { ReservationsRpc } from '#contracts/reservations';
import type { Answers, Asked } from '#contracts/rpc';
import { lockReservations, notThere, type Reservation, viewOf } from '../reservations/reservation-row.js';
import { TillTeller } from '../reservations/till-teller.js';

type Calls = typeof ReservationsRpc;

/** As when it was reserved: its money is kept until its end is written, and its hold until the bank has seen it expire. */
const WRITING_SECONDS = 60;
const AFTERMATH_SECONDS = 30;

@Injectable()
export class ExtendReservation {
  constructor(
    private readonly db: DataSource,
    private readonly tills: TillTeller,
  ) {}

  async run(request: Asked<Calls['extendReservation']>): Promise<Answers<Calls['extendReservation']>> {
    const { reservation_id, expires_in_seconds } = request;
    const extended = await this.db.transaction((tx) => this.extend(tx, reservation_id, expires_in_seconds));
    if (extended.held?.is_kept) await this.tills.extend(extended.held, expires_in_seconds + AFTERMATH_SECONDS);
    return viewOf(extended);
  }

  private async extend(tx: EntityManager, id: string, seconds: number): Promise<Reservation> {
    const reservation = (await lockReservations(tx, [id])).get(id);
    if (!reservation) throw notThere();
    const { state, request_id } = reservation;
    if (state !== 'open') throw new Refused('conflict', { message: 'It is over.', details: { state } });
    const [[extended]]: [Reservation[], number] = await tx.query(
      `UPDATE reservation SET expires_at = clock_timestamp() + $2 * interval '1 second' WHERE id = $1 RETURNING *`,
      [id, seconds],
    );
    await tx.query(
      `UPDATE kept_hold SET kept_until = clock_timestamp() + $2 * interval '1 second' WHERE request_id = $1`,
      [request_id, seconds + WRITING_SECONDS],
    );
    return extended as Reservation;
  }
}
