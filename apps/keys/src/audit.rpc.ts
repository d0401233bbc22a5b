import { AuditRpc } from '#contracts/audit';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { ListAuditEvents } from './operations/list-audit-events.js';
import { RecordDeed } from './operations/record-deed.js';
import { VerifyAudit } from './operations/verify-audit.js';

type Calls = typeof AuditRpc;

/** The audit log: one call of the contract, one operation behind it. */
@Serve(AuditRpc)
export class AuditHandlers implements Serves<Calls> {
  constructor(
    private readonly listAuditEventsOperation: ListAuditEvents,
    private readonly verifyAuditOperation: VerifyAudit,
    private readonly recordDeedOperation: RecordDeed,
  ) {}

  listAuditEvents(request: Asked<Calls['listAuditEvents']>, context: CallContext) {
    return this.listAuditEventsOperation.run(request, context);
  }

  verifyAudit(request: Asked<Calls['verifyAudit']>, context: CallContext) {
    return this.verifyAuditOperation.run(request, context);
  }

  recordDeed(request: Asked<Calls['recordDeed']>, context: CallContext) {
    return this.recordDeedOperation.run(request, context);
  }
}
