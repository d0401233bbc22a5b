import { Injectable } from '@nestjs/common';
import { Refused } from '#contracts/refusals';
import type { ReservationsRpc } from '#contracts/reservations';
import type { Answers, Asked } from '#contracts/rpc';
import { Endings } from '../reservations/endings.js';
import { viewOf } from '../reservations/reservation-row.js';
import { TillTeller } from '../reservations/till-teller.js';

type Calls = typeof ReservationsRpc;

@Injectable()
export class CancelReservation {
  constructor(
    private readonly endings: Endings,
    private readonly tills: TillTeller,
  ) {}

  async run({ reservation_id }: Asked<Calls['cancelReservation']>): Promise<Answers<Calls['cancelReservation']>> {
    const cancelled = await this.endings.end(reservation_id, ({ state }) => {
      if (state === 'cancelled') return null;
      if (state === 'open') return { state: 'cancelled', event: null, provider: null, cost: null, digest: null };
      const message = 'It is in the ledger already. Settle what has expired with what it came to: that may be nothing.';
      throw new Refused('conflict', { message, details: { state } });
    });
    await this.tills.tellEnd(cancelled, null);
    return viewOf(cancelled);
  }
}
