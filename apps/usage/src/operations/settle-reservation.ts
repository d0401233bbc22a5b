import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Refused } from '#contracts/refusals';
import type { ReservationsRpc } from '#contracts/reservations';
import type { Answers, Asked } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { cameTo, tokensOf } from '../reservations/came-to.js';
import { Endings } from '../reservations/endings.js';
import { type Reservation, viewOf } from '../reservations/reservation-row.js';
import { TillTeller } from '../reservations/till-teller.js';

type Calls = typeof ReservationsRpc;

@Injectable()
export class SettleReservation {
  constructor(
    private readonly endings: Endings,
    private readonly clock: Clock,
    private readonly tills: TillTeller,
  ) {}

  async run(request: Asked<Calls['settleReservation']>): Promise<Answers<Calls['settleReservation']>> {
    const { reservation_id, ...told } = request;
    const digest = hash('sha256', JSON.stringify(told), 'base64url');
    const settled = await this.endings.end(reservation_id, (reservation) => {
      const { state, told_digest } = reservation;
      if (state === 'settled' && told_digest === digest) return null;
      if (state === 'settled') throw over('It is settled already, with something else.', reservation);
      if (state === 'cancelled') throw over('It was cancelled.', reservation);
      // What has expired is in the ledger as abandoned: there this becomes a correction beside it.
      const event = cameTo(reservation, told, this.clock.now());
      return { state: 'settled', event, provider: event.provider, cost: event.cost_nanos, digest };
    });
    await this.tills.tellEnd(settled, tokensOf(told.usage));
    return viewOf(settled);
  }
}

function over(message: string, { state }: Reservation): Refused {
  return new Refused('conflict', { message, details: { state } });
}
