import { z } from 'zod';
import { amount, id, moment, nanos } from './fields.js';
import { rpc } from './rpc.js';

/** How a request ended. `abandoned`: whoever forwarded it died; `denied`: it was refused here and never forwarded. */
export const OUTCOMES = ['ok', 'provider_error', 'failed', 'aborted', 'abandoned', 'denied'] as const;

/** Where the money of a request was set aside: a till, and the epoch of the till in which it was. */
const tillAt = z.object({ till: z.string().max(128), epoch: z.int().min(1) });

/** One request, as the gateway saw it: what the ledger and the request log are made of. */
export const usageEvent = z
  .object({
    request_id: id('request'),
    /** `denied` is for the request log alone. The ledger makes corrections itself, where a final comes after an `abandoned` one. */
    kind: z.enum(['final', 'denied']),
    organization_id: id('organization'),
    project_id: id('project'),
    key_id: id('key'),
    secret_id: id('secret'),
    /** When it was admitted: the moment its id was made, to the millisecond. */
    at: moment,
    endpoint: z.string(),
    /** As it was asked for; an alias stays an alias. */
    model: z.string(),
    /** The catalogue’s own name of what served it; null where it was denied before that was decided. */
    served_model: z.string().nullable().default(null),
    provider: z.string().nullable(),
    /** Sent with the project’s own provider key: told apart, and never charged to credits. */
    own_key: z.boolean().default(false),
    /** Its organization paid in advance when it was admitted: charged to credits, unless it went with the project’s own key. */
    prepaid: z.boolean().default(false),
    stream: z.boolean(),
    outcome: z.enum(OUTCOMES),
    status: z.int(),
    /** Why it was refused or broken off; null for one that ended well. */
    code: z.string().nullable().default(null),
    /** The steps of a denial, as `explain` shows them. */
    trace: z.unknown().optional(),
    input_tokens: z.int().min(0),
    cached_input_tokens: z.int().min(0),
    cache_write_tokens: z.int().min(0).default(0),
    output_tokens: z.int().min(0),
    reasoning_tokens: z.int().min(0).default(0),
    /** Counted by us, because the provider did not say, or not to the end. */
    estimated: z.boolean().default(false),
    /** Nobody knows the price: the cost is zero, and that is not a statement about the price. */
    unpriced: z.boolean().default(false),
    cost_nanos: nanos,
    currency: z.string().length(3),
    /** What the request counts towards: decided when it was admitted, and never again. */
    spend_epoch: z.int().min(0).default(0),
    window_start: moment.nullable().default(null),
    project_spend_epoch: z.int().min(0).default(0),
    project_window_start: moment.nullable().default(null),
    /** Null where nothing limits the spending: nothing was set aside. */
    hold: tillAt.nullable().default(null),
    duration_ms: z.int().min(0),
    first_byte_ms: z.int().min(0).nullable(),
  })
  .meta({ id: 'UsageEvent' });

/** Usage has its own stream: many, small, sent in batches, and only transport: the ledger is in Postgres. */
export const USAGE_STREAM = 'KEYWARD_USAGE';
export const USAGE_SUBJECT = 'keyward.usage_events.batch';

/** A key that is refused again and again: of each minute the first denials are kept whole, the others only counted. */
const denialCount = z
  .object({
    organization_id: id('organization'),
    project_id: id('project'),
    key_id: id('key'),
    /** In the minute that begins here. */
    at: moment,
    currency: z.string().length(3),
    count: z.int().min(1),
  })
  .meta({ id: 'DenialCount' });

export const usageBatch = z.object({
  events: z.array(usageEvent).max(500),
  denials: z.array(denialCount).max(500).default([]),
});

/** That a secret was used for something no ledger counts: the admin API, `verify`, a list of models. */
const secretUse = z
  .object({ organization_id: id('organization'), key_id: id('key'), secret_id: id('secret'), at: moment })
  .meta({ id: 'SecretUse' });

/** On the same stream; of each secret only the latest use, and never one message for each. */
export const USES_SUBJECT = 'keyward.usage_events.uses';
export const usesBatch = z.object({ uses: z.array(secretUse).min(1).max(500) });

const keyUsage = z
  .object({
    key_id: id('key'),
    requests: z.int().min(0),
    input_tokens: z.int().min(0),
    output_tokens: z.int().min(0),
    cost: amount.describe('Of all time, whatever was reset.'),
    spent: amount.describe('Under the spend epoch that was asked for.'),
    period_spent: amount.describe('In the window that was asked for; 0 where none was.'),
    last_used_at: moment.nullable(),
    secrets: z
      .array(z.object({ secret_id: id('secret'), last_used_at: moment }))
      .describe('Of each secret that was ever used; during a rotation that tells whether the old one still is.'),
  })
  .meta({ id: 'KeyUsage' });

export const UsageRpc = {
  getUsage: rpc({
    subject: 'keyward.usage.totals',
    summary: 'What keys have used so far. A key that was never used has zeros.',
    request: z.strictObject({
      organization_id: id('organization'),
      keys: z
        .array(
          z.strictObject({
            key_id: id('key'),
            spend_epoch: z.int().min(0).default(0).describe('The resets of the key’s spend so far.'),
            window_start: moment.nullable().default(null).describe('Of the current window of its recurring limit.'),
          }),
        )
        .min(1)
        .max(100),
    }),
    reply: z.object({ keys: z.array(keyUsage), as_of: moment }),
  }),
};

export type UsageEvent = z.output<typeof usageEvent>;
export type UsageBatch = z.input<typeof usageBatch>;
export type DenialCount = z.output<typeof denialCount>;
export type SecretUse = z.output<typeof secretUse>;
