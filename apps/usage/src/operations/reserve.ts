import { Injectable } from '@nestjs/common';
import type { ReservationsRpc } from '#contracts/reservations';
import type { Asked, CallContext } from '#contracts/rpc';
import { type Reply, Reserving } from '../reservations/reserving.js';

@Injectable()
export class Reserve {
  constructor(private readonly reserving: Reserving) {}

  run({ key, ...wanted }: Asked<typeof ReservationsRpc.reserve>, context: CallContext): Promise<Reply> {
    return this.reserving.run({ key }, wanted, context);
  }
}
