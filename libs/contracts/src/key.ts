import { z } from 'zod';
import { SCOPES } from '#domain/access/scope';
import { ALIGNMENTS, isWindowLength, WINDOW_UNITS } from '#domain/budget/window';
import { DURATION_UNITS, durationSeconds } from '#domain/duration';
import { amount, count, id, moment, name, revision, text } from './fields.js';

/** What a key is made of, and how it is seen: by its owner, by a gateway. What can be done to it is in `keys.ts`. */
export const WINDOW_BOUNDS = 'A window can be 1 hour to 12 months.';

export const scope = z.enum(SCOPES);
const keyStatus = z.enum(['active', 'disabled', 'expired']);

const spendLimit = amount.refine((text) => !text.startsWith('-'), 'must not be negative');

export const windowFields = {
  every: z.int('must be a whole number').min(1, 'must be at least 1'),
  unit: z.enum(WINDOW_UNITS),
  align: z
    .enum(ALIGNMENTS)
    .optional()
    .describe('`calendar`: windows begin with the UTC hour, day, Monday or month. Left out: at the moment it is set.'),
};

/** So much in every window: `$10 / 1 day`. */
const recurringLimit = z
  .strictObject({ amount: spendLimit, ...windowFields })
  .refine(({ every, unit }) => isWindowLength(every, unit), WINDOW_BOUNDS)
  .meta({ id: 'RecurringLimit' });

/** What a record says of a name it does not take. */
function nameless(message: string) {
  return { error: ({ code }: { readonly code?: string }) => (code === 'invalid_key' ? message : undefined) };
}

/** Small labels, for people and filters. */
export const tags = z
  .record(
    z.string().regex(/^[\w.-]{1,64}$/),
    text(256),
    nameless('must have names of 1 to 64 letters, digits, ., _ or -'),
  )
  .refine((tags) => Object.keys(tags).length <= 20, 'must be at most 20')
  .meta({ id: 'Tags' });

/** Merged into the tags that are there; null takes one away. */
export const tagChanges = z
  .record(z.string().max(64), text(256).nullable(), nameless('must have names of at most 64 letters'))
  .meta({ id: 'TagChanges' });

/** What a key may use up; null: as much as its plan allows, or without end. */
export const limits = {
  rate_limit: count(1_000_000).nullable().describe('Requests a minute; null: the plan’s.'),
  token_limit: count(1_000_000_000).nullable().describe('Tokens a minute; null: the plan’s.'),
  max_parallel: count(100_000).nullable().describe('Requests at once; null: no limit.'),
  budget: spendLimit.nullable().describe('All-time spend limit; null: none.'),
  recurring_limit: recurringLimit.nullable().describe('Spend limit of each window; null: none.'),
};

const LONGEST_TTL_SECONDS = 3650 * 86_400;

/** How long a key lives from the moment it is set: the service, not the caller, knows what the time is. */
export const ttl = z
  .strictObject({ value: z.int('must be a whole number').min(1, 'must be at least 1'), unit: z.enum(DURATION_UNITS) })
  .refine((ttl) => durationSeconds(ttl) <= LONGEST_TTL_SECONDS, 'must be at most 3650 days')
  .meta({ id: 'Ttl' });

export const previousSecret = z
  .object({ secret_id: id('secret'), preview: z.string(), valid_until: moment })
  .meta({ id: 'PreviousSecret' });

/** A key as its owner sees it; never with its secret. */
export const key = z
  .object({
    id: id('key'),
    name,
    preview: z.string(),
    organization_id: id('organization'),
    project_id: id('project'),
    status: keyStatus,
    scopes: z.array(scope),
    tags,
    ...limits,
    currency: z.string().length(3),
    /** The anchor of the recurring limit: the moment it was set. */
    recurring_since: moment.nullable(),
    /** Counts resets of the key’s spend: usage belongs to the count it was admitted under. */
    spend_epoch: z.int().min(0),
    created_at: moment,
    created_by: z.string(),
    made_by: z
      .array(z.string())
      .describe(
        'Who made it, and who made that, back to a person or a service; and the projects of those keys, where it is another.',
      ),
    updated_at: moment,
    expires_at: moment.nullable(),
    secret_id: id('secret'),
    secret_created_at: moment,
    previous: previousSecret.nullable().describe('During a rotation: the secret that still works.'),
    rotation_due: z.boolean().describe('The secret is older than the reminder age.'),
    leaked_at: moment.nullable().describe('When it was last reported as leaked.'),
    revision,
  })
  .meta({ id: 'Key' });

/** What the gateway needs of a key to decide by itself. Times are milliseconds since the epoch: compared on every request. */
export const usableKey = z
  .object({
    key_id: id('key'),
    secret_id: id('secret'),
    organization_id: id('organization'),
    project_id: id('project'),
    name,
    tags,
    disabled: z.boolean(),
    expires_at: z.int().nullable(),
    /** Of this secret; null unless it was rotated away. */
    valid_until: z.int().nullable(),
    scopes: z.array(scope),
    /** Who made it, as an actor; where that is a key, who made that one; and so on: whose rules bind it, too. */
    made_by: z.array(z.string()),
    profile: z.string(),
    plan: z.string(),
    /** Already resolved: the key’s own, else the project’s, else the plan’s. */
    rate_limit: z.int().nullable(),
    token_limit: z.int().nullable(),
    max_parallel: z.int().nullable(),
    budget: amount.nullable(),
    recurring_limit: recurringLimit.nullable(),
    recurring_since: z.int().nullable(),
    spend_epoch: z.int().min(0),
    /** The same of its project, which all its keys share. */
    project_budget: amount.nullable(),
    project_recurring_limit: recurringLimit.nullable(),
    project_recurring_since: z.int().nullable(),
    project_spend_epoch: z.int().min(0),
    /** Its organization pays in advance in this currency: what is spent must be covered by credits. */
    prepaid: z.boolean(),
    currency: z.string().length(3),
    /** Of the newest change that this is made of, the key's or its project's: of two answers the higher one is newer. */
    revision,
  })
  .meta({ id: 'UsableKey' });

/** Which gateways have confirmed a change, and how long the slowest took. */
export const receipt = z
  .object({ gateways: z.int().min(0), acknowledged: z.int().min(0), slowest_ms: z.int().min(0).nullable() })
  .meta({ id: 'Receipt' });

/** Why one of many was refused, in the same words as if it had been asked for alone. */
export const itemError = z.object({
  code: z.string(),
  message: z.string(),
  status: z.int(),
  param: z.string().nullable(),
});

/** A secret was found in public: what was done about it, and where it was found. Never the secret. */
export const leak = z
  .object({
    outcome: z
      .enum(['disabled', 'retired', 'flagged'])
      .describe('`retired`: only the old secret of a rotation leaked, and it stopped working.'),
    url: z.string().nullable(),
    source: z.string().nullable(),
  })
  .meta({ id: 'Leak' });

/** A moment or a length, not both: which of them was meant? */
export function oneExpiry(given: { ttl?: unknown; expires_at?: unknown }, context: z.RefinementCtx): void {
  if (given.ttl == null || given.expires_at == null) return;
  context.addIssue({ code: 'custom', path: ['ttl'], message: 'give ttl or expires_at, not both' });
}

export const LONGEST_GRACE_SECONDS = 30 * 86_400;

export const BATCH_ACTIONS = ['enable', 'disable', 'delete', 'expire', 'tag'] as const;

export const batchIds = z
  .array(id('key'))
  .min(1, 'must name at least one key')
  .max(100, 'must be at most 100')
  .refine((ids) => new Set(ids).size === ids.length, 'must not name a key twice');
