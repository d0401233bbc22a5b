import { z } from 'zod';
import { amount, id, moment, text } from './fields.js';
import { rpc } from './rpc.js';
import { OUTCOMES } from './usage.js';

/** What usage is counted in, and what it can be told apart by. */
export const BUCKETS = ['1m', '1h', '1d'] as const;
export const GROUPS = ['project', 'key', 'model', 'provider', 'own_key'] as const;

/** The most that one answer holds. */
export const REPORT_ROWS = 1000;

export const TOTALS = 'One row for each group, over all of the time, which is then its `start`.';
export const top = z
  .int()
  .min(1)
  .max(50)
  .describe('As many groups as cost the most, of each currency; all others are one row, and its `group` is empty.');

const tenant = { organization_id: id('organization') };
const count = z.int();

/** What was used in one stretch of time, by one group. */
export const usageRow = z
  .object({
    start: moment,
    group: z
      .object({
        project: id('project').optional(),
        key: id('key').optional(),
        model: z.string().nullable().optional().describe('Null: denied before it was known.'),
        provider: z.string().nullable().optional(),
        own_key: z.boolean().optional().describe('Sent with the project’s own provider key.'),
      })
      .describe('What was asked to be told apart, and nothing else.'),
    requests: count.describe('That were forwarded.'),
    denied: count,
    errors: count.describe('Of those that were forwarded: the provider failed, or could not be reached.'),
    input_tokens: count,
    cached_input_tokens: count.describe('A part of `input_tokens`.'),
    cache_write_tokens: count.describe('A part of `input_tokens`.'),
    output_tokens: count,
    reasoning_tokens: count.describe('A part of `output_tokens`.'),
    cost: amount,
    own_key_cost: amount.describe(
      'Of `cost`: what went through the project’s own provider keys, and was not charged to credits.',
    ),
    currency: z.string().length(3),
  })
  .meta({ id: 'UsageRow' });

const decision = z
  .unknown()
  .describe('The steps of the decision, as `explain` tells them; null where nothing was decided against.');

/** A line of the request log: what a request asked for, what became of it, what it cost. */
export const loggedRequest = z
  .object({
    id: id('request'),
    at: moment,
    project_id: id('project'),
    key_id: id('key'),
    endpoint: z.string(),
    model: z.string().describe('As it was asked for.'),
    served_model: z.string().nullable(),
    provider: z.string().nullable(),
    own_key: z.boolean(),
    stream: z.boolean(),
    outcome: z.enum(OUTCOMES),
    status: z.int(),
    code: z.string().nullable().describe('Why it was refused, or broken off.'),
    input_tokens: count,
    cached_input_tokens: count,
    cache_write_tokens: count,
    output_tokens: count,
    reasoning_tokens: count,
    estimated: z.boolean().describe('Counted by us: the provider did not say.'),
    unpriced: z.boolean().describe('Nobody knows the price; the cost of zero does not say that it was free.'),
    cost: amount,
    currency: z.string().length(3),
    duration_ms: z.int(),
    first_byte_ms: z.int().nullable(),
    corrected: z.boolean().describe('It was charged by an estimate first, and its real end was told later.'),
  })
  .meta({ id: 'LoggedRequest' });

export const loggedRequestWithDecision = loggedRequest
  .extend({ secret_id: id('secret').nullable(), decision })
  .meta({ id: 'LoggedRequestWithDecision' });

const asOf = moment.describe('Whatever ended before this is counted.');

export const ReportsRpc = {
  getReport: rpc({
    subject: 'keyward.usage.report',
    summary: 'What was used, by time and by what one likes to tell apart.',
    request: z.strictObject({
      ...tenant,
      start: moment,
      end: moment.meta({ examples: ['2026-11-22T08:00:00.000Z'] }).describe('Up to here, and not including it.'),
      bucket: z.enum(BUCKETS),
      group_by: z.array(z.enum(GROUPS)).max(GROUPS.length).default([]),
      project_id: id('project').optional(),
      key_id: id('key').optional(),
      model: text(256).optional(),
      provider: text(256).optional(),
      own_key: z.boolean().optional(),
      top: top.optional(),
      totals: z.boolean().optional().describe(TOTALS),
      limit: z.int().min(1).max(REPORT_ROWS).default(REPORT_ROWS),
      cursor: z.string().max(2000).optional(),
    }),
    reply: z.object({ rows: z.array(usageRow), next_cursor: z.string().nullable(), as_of: asOf }),
  }),
  listRequests: rpc({
    subject: 'keyward.usage.requests',
    summary: 'The request log, newest first, with what was denied.',
    request: z.strictObject({
      ...tenant,
      project_id: id('project').optional(),
      key_id: id('key').optional(),
      model: text(256).optional().describe('As asked for, or as served.'),
      provider: text(256).optional(),
      status: z.int().optional(),
      code: text(64).optional(),
      outcome: z.enum(OUTCOMES).optional(),
      since: moment.optional(),
      until: moment.optional(),
      limit: z.int().min(1).max(100).default(50),
      cursor: z.string().max(64).optional(),
    }),
    reply: z.object({
      requests: z.array(loggedRequest),
      next_cursor: z
        .string()
        .nullable()
        .describe('A page can be short, or empty, and still have one: look on from there.'),
      as_of: asOf,
    }),
  }),
  getRequest: rpc({
    subject: 'keyward.usage.request',
    summary: 'One request, with the decision that was made about it.',
    request: z.strictObject({
      ...tenant,
      request_id: id('request'),
      key_id: id('key').optional().describe('Only if it was this key’s.'),
    }),
    reply: loggedRequestWithDecision,
  }),
  confirmBatches: rpc({
    subject: 'keyward.usage.confirm_batches',
    summary: 'Which batches of usage are in the ledger: those need not be told again.',
    request: z.strictObject({ ids: z.array(text(64)).min(1).max(500) }),
    reply: z.object({ written: z.array(z.string()) }),
  }),
};

export type UsageRow = z.output<typeof usageRow>;
export type LoggedRequest = z.output<typeof loggedRequest>;
export type Bucket = (typeof BUCKETS)[number];
export type Group = (typeof GROUPS)[number];
