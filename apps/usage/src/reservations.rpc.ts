import { ReservationsRpc } from '#contracts/reservations';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { CancelReservation } from './operations/cancel-reservation.js';
import { ExtendReservation } from './operations/extend-reservation.js';
import { GetReservation } from './operations/get-reservation.js';
import { Reserve } from './operations/reserve.js';
import { ReserveById } from './operations/reserve-by-id.js';
import { SettleReservation } from './operations/settle-reservation.js';

type Calls = typeof ReservationsRpc;

/** For services that call models themselves: one call of the contract, one operation behind it. */
@Serve(ReservationsRpc)
export class ReservationsHandlers implements Serves<Calls> {
  constructor(
    private readonly reserveOperation: Reserve,
    private readonly reserveByIdOperation: ReserveById,
    private readonly settleOperation: SettleReservation,
    private readonly cancelOperation: CancelReservation,
    private readonly extendOperation: ExtendReservation,
    private readonly getOperation: GetReservation,
  ) {}

  reserve(request: Asked<Calls['reserve']>, context: CallContext) {
    return this.reserveOperation.run(request, context);
  }

  reserveById(request: Asked<Calls['reserveById']>, context: CallContext) {
    return this.reserveByIdOperation.run(request, context);
  }

  settleReservation(request: Asked<Calls['settleReservation']>) {
    return this.settleOperation.run(request);
  }

  cancelReservation(request: Asked<Calls['cancelReservation']>) {
    return this.cancelOperation.run(request);
  }

  extendReservation(request: Asked<Calls['extendReservation']>) {
    return this.extendOperation.run(request);
  }

  getReservation(request: Asked<Calls['getReservation']>) {
    return this.getOperation.run(request);
  }
}
