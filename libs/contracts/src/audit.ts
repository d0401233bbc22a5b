import { z } from 'zod';
import { id, moment, text } from './fields.js';
import { rpc } from './rpc.js';

/** One thing somebody did: who, what, before → after, from where. Each entry's hash covers the one before it. */
export const auditEvent = z
  .object({
    seq: z.int().min(1),
    organization_id: id('organization'),
    at: moment,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
    origin: z.string().nullable(),
    request_id: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEvent' });

const tenant = { organization_id: id('organization') };

export const AuditRpc = {
  listAuditEvents: rpc({
    subject: 'keyward.keys.list_audit_events',
    summary: 'Who did what, newest first.',
    request: z.strictObject({
      ...tenant,
      subject: text(140).optional(),
      actor: text(140).optional(),
      action: text(64).optional(),
      since: moment.optional(),
      until: moment.optional(),
      limit: z.int().min(1).max(100).default(50),
      cursor: z.string().max(64).optional(),
    }),
    reply: z.object({ events: z.array(auditEvent), next_cursor: z.string().nullable() }),
  }),
  verifyAudit: rpc({
    subject: 'keyward.keys.verify_audit',
    summary: 'Whether the audit log is whole: the first entry that was edited, removed or put in, if any.',
    request: z.strictObject(tenant),
    reply: z.object({
      intact: z.boolean(),
      entries: z.int().min(0),
      broken_at: z.int().nullable(),
      problem: z.string().nullable(),
      head: z
        .string()
        .nullable()
        .describe('The newest hash: kept elsewhere, it also proves that nothing was cut off the end.'),
    }),
  }),
  recordDeed: rpc({
    subject: 'keyward.keys.record_deed',
    summary: 'What was done in another service. Told again it is written once; only services may tell.',
    request: z.strictObject({
      ...tenant,
      deed_id: z.uuid().meta({ examples: ['0198a1de-6f0e-7c55-9d5b-2f1f6c0f3a11'] }),
      at: moment,
      actor: text(140),
      action: text(64),
      subject: text(256),
      before: auditEvent.shape.before,
      after: auditEvent.shape.after,
      origin: text(300).nullable(),
      request_id: text(128),
    }),
    reply: z.object({}),
  }),
};

export type AuditEvent = z.output<typeof auditEvent>;
