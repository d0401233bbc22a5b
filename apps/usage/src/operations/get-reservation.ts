import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ReservationsRpc } from '#contracts/reservations';
import type { Answers, Asked } from '#contracts/rpc';
import { readReservation, viewOf } from '../reservations/reservation-row.js';

type Calls = typeof ReservationsRpc;

@Injectable()
export class GetReservation {
  constructor(private readonly db: DataSource) {}

  async run(request: Asked<Calls['getReservation']>): Promise<Answers<Calls['getReservation']>> {
    return viewOf(await readReservation(this.db, request.reservation_id));
  }
}
