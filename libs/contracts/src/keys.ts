import { z } from 'zod';
import { event } from './event.js';
import { id, moment, name, revision, text } from './fields.js';
import {
  BATCH_ACTIONS,
  batchIds,
  itemError,
  key,
  LONGEST_GRACE_SECONDS,
  leak,
  limits,
  oneExpiry,
  receipt,
  scope,
  tagChanges,
  tags,
  ttl,
  usableKey,
} from './key.js';
import { rpc } from './rpc.js';
import { keyVerdict, verdictQuestion } from './verdict.js';

/** Whose keys may be seen or touched: part of the same SQL predicate as the id, in every operation. */
const tenant = { organization_id: id('organization') };
const one = { ...tenant, key_id: id('key') };
const expected = {
  expected_revision: revision.optional().describe('Refused where the key is not at this revision any more.'),
};

export const KEY_SORTS = ['created_at', 'name', 'expires_at'] as const;

export const KeysRpc = {
  createKey: rpc({
    subject: 'keyward.keys.create',
    summary: 'Create a key. Its secret is in this reply and nowhere else, ever.',
    request: z
      .strictObject({
        ...tenant,
        project_id: id('project').optional().describe('The organization’s first project where left out.'),
        name,
        scopes: z.array(scope).min(1, 'must name at least one scope').max(4).default(['read']),
        tags: tags.default({}),
        rate_limit: limits.rate_limit.default(null),
        token_limit: limits.token_limit.default(null),
        max_parallel: limits.max_parallel.default(null),
        budget: limits.budget.default(null),
        recurring_limit: limits.recurring_limit.default(null),
        expires_at: moment.nullable().default(null),
        ttl: ttl.nullable().default(null),
      })
      .superRefine(oneExpiry),
    reply: key.extend({
      key: z.string().optional().describe('The secret. Shown once: an idempotent replay has none.'),
    }),
  }),
  getKey: rpc({
    subject: 'keyward.keys.get',
    summary: 'One key.',
    request: z.strictObject(one),
    reply: key,
  }),
  listKeys: rpc({
    subject: 'keyward.keys.list',
    summary: 'The keys of an organization.',
    request: z.strictObject({
      ...tenant,
      project_id: id('project').optional(),
      status: z
        .enum(['active', 'inactive', 'disabled', 'expired'])
        .optional()
        .describe('`inactive`: disabled or expired.'),
      tag: text(321).optional().describe('`name` or `name:value`.'),
      created_by: text(140).optional(),
      expires_before: moment.optional(),
      created_before: moment.optional(),
      limited: z.boolean().optional().describe('Those with a spend limit.'),
      q: text(100).optional().describe('A part of the name, the beginning of the preview, or its last four letters.'),
      key_ids: z.array(id('key')).max(100).optional(),
      sort: z.enum(KEY_SORTS).default('created_at'),
      order: z.enum(['asc', 'desc']).default('desc'),
      limit: z.int().min(1).max(100).default(50),
      cursor: z.string().max(400).optional(),
    }),
    reply: z.object({
      keys: z.array(key),
      cursors: z.array(z.string()).describe('The place after each key: for callers who leave some of them out.'),
      next_cursor: z.string().nullable(),
      counts: z.object({ active: z.int(), inactive: z.int() }).describe('Of all that match but for the status.'),
    }),
  }),
  updateKey: rpc({
    subject: 'keyward.keys.update',
    summary: 'Change a key: what is named is set, what is not stays. A new recurring limit begins a new window.',
    request: z.strictObject({
      ...one,
      ...expected,
      name: name.optional(),
      scopes: z.array(scope).min(1, 'must name at least one scope').max(4).optional(),
      tags: tagChanges.optional().describe('Merged; null takes a tag away.'),
      ...z.object(limits).partial().shape,
      expires_at: moment.nullable().optional(),
    }),
    reply: key,
  }),
  enableKey: rpc({
    subject: 'keyward.keys.enable',
    summary: 'Enable a key. An expired one needs a new expiry.',
    request: z
      .strictObject({ ...one, ...expected, expires_at: moment.optional(), ttl: ttl.optional() })
      .superRefine(oneExpiry),
    reply: key,
  }),
  disableKey: rpc({
    subject: 'keyward.keys.disable',
    summary: 'Disable a key: every gateway refuses it from now on.',
    request: z.strictObject({ ...one, ...expected }),
    reply: key.extend({ receipt }),
  }),
  deleteKey: rpc({
    subject: 'keyward.keys.delete',
    summary: 'Delete a key for good: every gateway refuses it from now on. The row stays for the ledger.',
    request: z.strictObject({ ...one, ...expected }),
    reply: z.object({ id: id('key'), receipt }),
  }),
  rotateKey: rpc({
    subject: 'keyward.keys.rotate',
    summary: 'Give a key a new secret. The old one works until the grace is over; id, limits, rules and spend stay.',
    request: z.strictObject({
      ...one,
      ...expected,
      grace_seconds: z.int().min(0).max(LONGEST_GRACE_SECONDS).default(86_400),
    }),
    reply: key.extend({
      key: z.string().optional().describe('The new secret. Shown once: an idempotent replay has none.'),
    }),
  }),
  finishRotation: rpc({
    subject: 'keyward.keys.finish_rotation',
    summary: 'End the grace of a rotation now: the old secret stops working.',
    request: z.strictObject({ ...one, ...expected }),
    reply: key.extend({ receipt }),
  }),
  resetUsage: rpc({
    subject: 'keyward.keys.reset_usage',
    summary: 'Begin the key’s spend anew at zero; the ledger keeps what was.',
    request: z.strictObject({ ...one, ...expected }),
    reply: key,
  }),
  batchKeys: rpc({
    subject: 'keyward.keys.batch',
    summary: 'The same to many keys. Each succeeds or fails on its own.',
    request: z
      .strictObject({
        ...tenant,
        action: z.enum(BATCH_ACTIONS),
        key_ids: batchIds,
        expires_at: moment.optional().describe('For `enable`.'),
        ttl: ttl.optional().describe('For `enable`.'),
        tags: tagChanges.optional().describe('For `tag`.'),
      })
      .superRefine(oneExpiry),
    reply: z.object({
      results: z.array(z.object({ key_id: id('key'), error: itemError.nullable() })),
      receipt,
    }),
  }),
  reportLeak: rpc({
    subject: 'keyward.keys.report_leak',
    summary: 'A secret was found in public: its key is disabled or flagged, as its organization wants it.',
    request: z.strictObject({
      key: z.string().min(1).max(512),
      url: z.string().max(4096).nullable().default(null).describe('Where it was found.'),
      source: z.string().max(256).nullable().default(null).describe('In what: content, commit, issue …'),
    }),
    reply: z.object({
      known: z.boolean().describe('It was minted here.'),
      outcome: leak.shape.outcome.nullable().describe('Null: it did not work any more.'),
    }),
  }),
  verifyKey: rpc({
    subject: 'keyward.keys.verify',
    summary: 'For services that guard their own API with our keys. A denial is an answer, not an error.',
    request: z.strictObject({
      key: z.string().min(1).max(512),
      ...verdictQuestion,
    }),
    reply: keyVerdict,
  }),
  resolveKey: rpc({
    subject: 'keyward.keys.resolve',
    summary: 'For gateways: the key behind a secret’s digest, as of a revision.',
    request: z.strictObject({
      digest: z.string().regex(/^[\w-]{43}$/, 'must be a SHA-256 digest in base64url'),
      at_least: revision.default(0).describe('An answer older than this revision is no use to the caller.'),
    }),
    reply: z.object({ as_of: revision, key: usableKey.nullable() }),
  }),
  listChanges: rpc({
    subject: 'keyward.keys.changes',
    summary: 'For gateways: which keys changed after a revision, to close a gap in the events.',
    request: z.strictObject({
      after: revision.nullable().describe('Null: what changed within the life of a cached key.'),
    }),
    reply: z.object({
      head: revision,
      changes: z.array(z.object({ revision, project_id: id('project').nullable(), key_id: id('key').nullable() })),
      complete: z.boolean().describe('False where the gap is too wide to list: drop everything.'),
    }),
  }),
};

export const KeysEvents = {
  keyChanged: event({
    subject: 'keyward.events.key.changed',
    summary: 'A key, every key of a project, or every key there is, is no longer what it was.',
    payload: z.object({
      revision,
      change: z.enum([
        'created',
        'updated',
        'enabled',
        'disabled',
        'rotated',
        'deleted',
        'reset',
        'leaked',
        'project_updated',
        'profiles_changed',
      ]),
      organization_id: id('organization').nullable().describe('Null: every key there is.'),
      project_id: id('project').nullable().describe('Null: every key there is.'),
      key_id: id('key').nullable().describe('Null: every key of the project.'),
      at: moment,
    }),
  }),
  keyLeaked: event({
    subject: 'keyward.events.key.leaked',
    summary: 'A secret was found in public: for whoever tells the owner.',
    payload: leak.extend({
      revision,
      organization_id: id('organization'),
      project_id: id('project'),
      key_id: id('key'),
      at: moment,
    }),
  }),
};

export type Key = z.output<typeof key>;
export type UsableKey = z.output<typeof usableKey>;
export type Leak = z.output<typeof leak>;
export type Receipt = z.output<typeof receipt>;
export type KeyChange = z.output<typeof KeysEvents.keyChanged.payload>;
