import { z } from 'zod';
import { auditEvent } from './audit.js';
import { text, writtenMoment } from './fields.js';

/** What `/api/audit-events` takes and gives. */
export const AuditQuery = z.strictObject({
  subject: text(140).optional().describe('The id of what it was done to.'),
  actor: text(140).optional().describe('`member:mem_…`, `key:key_…` or `service:<name>`.'),
  action: text(64).optional(),
  since: writtenMoment.optional(),
  until: writtenMoment.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(64).optional(),
});

export const AuditPage = z
  .object({ data: z.array(auditEvent), has_more: z.boolean(), next_cursor: z.string().nullable() })
  .meta({ id: 'AuditPage' });

export type AuditQuery = z.output<typeof AuditQuery>;
