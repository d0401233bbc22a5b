import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AuditRpc } from '#contracts/audit';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { claim } from '#runtime/store/idempotency';
import { appendDeeds } from '../mutation/audit-chain.js';
import { AuditSeal } from '../mutation/audit-seal.js';
import { Organization } from '../store/entities.js';

@Injectable()
export class RecordDeed {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly seal: AuditSeal,
  ) {}

  async run(
    request: Asked<typeof AuditRpc.recordDeed>,
    context: CallContext,
  ): Promise<Answers<typeof AuditRpc.recordDeed>> {
    if (!context.actor.startsWith('service:'))
      throw new Refused('forbidden', { message: 'Nobody but a service tells what was done.' });
    const { organization_id: organizationId, deed_id, at, actor, origin, request_id: requestId, ...deed } = request;
    await this.db.transaction(async (tx) => {
      const organization = await tx.existsBy(Organization, { id: organizationId });
      if (!organization) throw new Refused('not_found', { message: 'There is no such organization.' });
      const told = await claim(tx, context.actor, deed_id, ['recordDeed', request], this.clock.date());
      if (told) return;
      const facts = { organizationId, at: new Date(at), actor, origin, requestId };
      await appendDeeds(tx, this.seal, [deed], facts);
    });
    return {};
  }
}
