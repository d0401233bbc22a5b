import { Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { SessionsRpc } from '#contracts/sessions';
import { Clock } from '#runtime/clock';
import { Session } from '../store/entities.js';

@Injectable()
export class SignOut {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  /** One's own session. To end another's there is `endSession`, which asks whether one may and writes it down. */
  async run(
    { session_id }: Asked<typeof SessionsRpc.signOut>,
    { actor }: CallContext,
  ): Promise<Answers<typeof SessionsRpc.signOut>> {
    const [kind, memberId = ''] = actor.split(':');
    const own = kind === 'service' ? {} : { memberId };
    await this.db.manager.update(
      Session,
      { id: session_id, endedAt: IsNull(), ...own },
      { endedAt: this.clock.date() },
    );
    return {};
  }
}
