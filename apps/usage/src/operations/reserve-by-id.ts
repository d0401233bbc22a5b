import { Injectable } from '@nestjs/common';
import { AccessRpc } from '#contracts/access';
import type { ReservationsRpc } from '#contracts/reservations';
import type { Asked, CallContext } from '#contracts/rpc';
import { BusClient } from '#rpc/client';
import { type Reply, Reserving } from '../reservations/reserving.js';

const AUTHORIZE_MILLISECONDS = 400;
const ALL_MILLISECONDS = 950;

/** Nothing proves here that the key is theirs: whether they may is asked, as of every change. */
@Injectable()
export class ReserveById {
  constructor(
    private readonly bus: BusClient,
    private readonly reserving: Reserving,
  ) {}

  async run(request: Asked<typeof ReservationsRpc.reserveById>, context: CallContext): Promise<Reply> {
    const { organization_id, key_id, ...wanted } = request;
    const { actor, requestId, origin } = context;
    const deadline = Math.min(context.deadline ?? Number.POSITIVE_INFINITY, Date.now() + ALL_MILLISECONDS);
    const asked = { organization_id, key_id, needs: 'write' as const };
    await this.bus.call(AccessRpc.authorize, asked, {
      ...{ actor, requestId, origin, deadline, timeoutMs: AUTHORIZE_MILLISECONDS },
    });
    return this.reserving.run({ organization_id, key_id }, wanted, { ...context, deadline });
  }
}
