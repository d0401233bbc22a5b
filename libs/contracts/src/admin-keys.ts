import { z } from 'zod';
import { LIMIT_STATES } from '#domain/budget/limit-state';
import { DURATION_UNITS, durationSeconds } from '#domain/duration';
import { spendLimits } from './admin-money.js';
import { amount, id, moment, name, text } from './fields.js';
import {
  BATCH_ACTIONS,
  batchIds,
  itemError,
  key,
  LONGEST_GRACE_SECONDS,
  limits,
  oneExpiry,
  previousSecret,
  receipt,
  scope,
  tagChanges,
  tags,
  ttl,
} from './key.js';
import { KEY_SORTS } from './keys.js';

/** The bodies of `/api/api-keys`: what people and automation send, and what they get. */

/** `YYYY-MM-DD` means the end of that UTC day: a key that expires on the 31st works on the 31st. */
const expiry = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be an ISO 8601 time or a date, YYYY-MM-DD')
  .transform((text) => new Date(Date.parse(text) + (text.length === 10 ? 86_400_000 : 0)).toISOString())
  .pipe(moment);

const grace = z
  .strictObject({ value: z.int().min(0, 'must not be negative'), unit: z.enum(DURATION_UNITS) })
  .refine((grace) => durationSeconds(grace) <= LONGEST_GRACE_SECONDS, 'must be at most 30 days')
  .meta({ id: 'Grace' });

const scopes = z.array(scope).min(1, 'must name at least one scope').max(4);

const changeable = {
  name: name.optional(),
  scopes: scopes.optional(),
  rate_limit: limits.rate_limit.optional(),
  token_limit: limits.token_limit.optional(),
  max_parallel: limits.max_parallel.optional(),
  ...spendLimits,
  expires_at: expiry.nullable().optional(),
};

export const NewKey = z
  .strictObject({
    ...changeable,
    name,
    project_id: id('project').optional().describe('The organization’s first project where left out.'),
    tags: tags.optional(),
    ttl: ttl.nullable().optional().describe('In place of `expires_at`.'),
  })
  .superRefine(oneExpiry)
  .meta({ id: 'NewKey' });

/** A merge patch: what is named is set, null takes away, what is not named stays. */
export const KeyPatch = z
  .strictObject({ ...changeable, tags: tagChanges.optional().describe('Merged; null takes a tag away.') })
  .meta({ id: 'KeyPatch' });

export const EnableKey = z
  .strictObject({ expires_at: expiry.optional(), ttl: ttl.optional() })
  .superRefine(oneExpiry)
  .meta({ id: 'EnableKey' });

export const RotateKey = z
  .strictObject({ grace: grace.optional().describe('How long the old secret goes on working: 24 hours; 0 is now.') })
  .meta({ id: 'RotateKey' });

/** Of a POST that takes no fields. */
export const Nothing = z.strictObject({}).meta({ id: 'Nothing' });

export const KeyBatch = z
  .strictObject({
    action: z.enum(BATCH_ACTIONS),
    ids: batchIds,
    expires_at: expiry.optional().describe('For `enable`.'),
    ttl: ttl.optional().describe('For `enable`.'),
    tags: tagChanges.optional().describe('For `tag`.'),
  })
  .superRefine(oneExpiry)
  .superRefine((batch, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (batch.action === 'tag' && batch.tags === undefined) refuse('tags', 'is what `tag` needs');
    if (batch.action !== 'tag' && batch.tags !== undefined) refuse('tags', 'belongs to `tag`');
    if (batch.action !== 'enable' && batch.ttl !== undefined) refuse('ttl', 'belongs to `enable`');
    if (batch.action !== 'enable' && batch.expires_at !== undefined) refuse('expires_at', 'belongs to `enable`');
  })
  .meta({ id: 'KeyBatch' });

export const KeyView = key
  .omit({ organization_id: true, made_by: true })
  .extend({
    last_used_at: moment.nullable(),
    requests: z.int().min(0).nullable(),
    usage: amount
      .nullable()
      .describe('Spent since the key was made, or since its spend was last reset; null: cannot be told right now.'),
    period: z
      .object({ usage: amount.nullable(), reserved: amount, started_at: moment, resets_at: moment })
      .nullable()
      .describe('The current window of the recurring limit; null: it has none.'),
    limit_state: z.enum(LIMIT_STATES).nullable(),
    iam_rules: z
      .int()
      .min(0)
      .nullable()
      .describe('How many rules of its own it has, but for inactive ones; null: cannot be told right now.'),
    previous: previousSecret
      .extend({ last_used_at: moment.nullable() })
      .nullable()
      .describe('During a rotation: the secret that still works.'),
  })
  .meta({ id: 'KeyView' });

const countLeft = z
  .object({ limit_value: z.int(), used: z.int(), reserved: z.int(), remaining: z.int() })
  .meta({ id: 'CountLeft' });

const moneyLeft = z
  .object({
    limit_value: amount,
    used: amount,
    reserved: amount.describe('For requests under way.'),
    remaining: amount,
    window_start: moment.nullable(),
    resets_at: moment.nullable(),
  })
  .meta({ id: 'MoneyLeft' });

export const KeyLimits = z
  .object({
    rate_limit: countLeft.nullable().describe('Requests of the last minute.'),
    token_limit: countLeft.nullable().describe('Tokens of the last minute.'),
    max_parallel: countLeft.nullable(),
    budget: moneyLeft.nullable(),
    recurring_limit: moneyLeft.nullable(),
    project_budget: moneyLeft.nullable().describe('Of the project: all its keys share it.'),
    project_recurring_limit: moneyLeft.nullable(),
    credits: moneyLeft.nullable().describe('Of the organization, where it pays in advance.'),
  })
  .meta({ id: 'KeyLimits' });

const secret = z.string().optional().describe('The secret. In this reply only: a repeated request has none.');

export const KeyWithSecret = KeyView.extend({ key: secret }).meta({ id: 'KeyWithSecret' });

export const KeyWithReceipt = KeyView.extend({ receipt }).meta({ id: 'KeyWithReceipt' });

export const DeletedKey = z.object({ id: id('key'), deleted: z.literal(true), receipt }).meta({ id: 'DeletedKey' });

export const KeyPage = z
  .object({
    data: z.array(KeyView),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
    counts: z
      .object({ active: z.int(), inactive: z.int() })
      .describe('Of all that match but for `status`, `limit_state`, `unused_since` and `has_rules`.'),
  })
  .meta({ id: 'KeyPage' });

export const KeyBatchResult = z
  .object({
    data: z.array(z.object({ id: id('key'), ok: z.boolean(), error: itemError.nullable() })),
    receipt: receipt.describe('Of the last of the changes, and so of all of them.'),
  })
  .meta({ id: 'KeyBatchResult' });

const SORTS = KEY_SORTS.flatMap((sort) => [sort, `-${sort}` as const]);

/** A moment in a query; a date means its beginning here: `unused_since=2026-11-01`. */
const since = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be an ISO 8601 time or a date, YYYY-MM-DD')
  .transform((text) => new Date(text).toISOString())
  .pipe(moment);

export const KeyQuery = z.strictObject({
  project: id('project').optional(),
  status: z.enum(['active', 'inactive', 'disabled', 'expired']).optional(),
  tag: text(321).optional().describe('`name` or `name:value`.'),
  created_by: text(140).optional(),
  limit_state: z.enum(LIMIT_STATES).optional(),
  expires_before: since.optional(),
  unused_since: since.optional().describe('Neither used nor made since then.'),
  has_rules: z
    .enum(['true', 'false'])
    .transform((given) => given === 'true')
    .optional()
    .describe('Those with rules of their own, inactive ones aside; or those without.'),
  q: text(100).optional(),
  ids: z
    .string()
    .max(4000)
    .transform((given) => given.split(','))
    .pipe(z.array(id('key')).max(100, 'must be at most 100'))
    .optional()
    .describe('Only these, with commas between them.'),
  sort: z.enum(SORTS).default('-created_at'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(400).optional(),
});

export type NewKey = z.output<typeof NewKey>;
export type KeyPatch = z.output<typeof KeyPatch>;
export type EnableKey = z.output<typeof EnableKey>;
export type RotateKey = z.output<typeof RotateKey>;
export type KeyBatch = z.output<typeof KeyBatch>;
export type KeyQuery = z.output<typeof KeyQuery>;
export type KeyView = z.output<typeof KeyView>;
export type KeyLimits = z.output<typeof KeyLimits>;
