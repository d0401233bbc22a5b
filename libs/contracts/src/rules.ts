import { z } from 'zod';
import { parseNetwork } from '#domain/policy/network';
import { LEVELS, RULE_STATUSES, TIERS } from '#domain/policy/rule';
import { event } from './event.js';
import { amount, id, moment, revision, text } from './fields.js';
import { rpc } from './rpc.js';

/** What rules are made of, and what can be done to them. What they mean is in `libs/domain/src/policy/README.md`. */
export const MOST_RULES = 100;
/** Of one set: all that bind a key have to fit into one message. */
export const MOST_BYTES = 64 * 1024;
export const MOST_CONDITIONS = 20;
/** Whose heartbeat carries the newest revision of rules: the catalogue has its own. */
export const RULES_BEAT = 'policy-rules';
const LONGEST_CONDITION = 500;

const pattern = text(200)
  .trim()
  .min(1, 'must have at least one letter')
  .meta({ examples: ['gpt-4*'] });
const patterns = z.array(pattern).max(200, 'must be at most 200');
const cidr = z
  .string()
  .max(64)
  .refine((text) => parseNetwork(text) !== null, 'must be an address, or a network like 192.0.2.0/24')
  .meta({ examples: ['192.0.2.0/24'] });
const most = amount
  .refine((text) => !text.startsWith('-'), 'must not be negative')
  .nullable()
  .default(null)
  .describe('For a million tokens, in the currency of the catalogue; null: no maximum.');

const pricing = z
  .strictObject({ tier: z.enum(TIERS).default('any'), max_input_price: most, max_output_price: most })
  .meta({ id: 'PriceRange' });

const status = z
  .enum(RULE_STATUSES)
  .describe('`observe`: what it would have refused is reported, and nothing is refused.');
const condition = text(LONGEST_CONDITION)
  .trim()
  .min(1, 'must not be empty')
  .describe('CEL about `request`, `key`, `project` and `now`: the rule counts where it comes to true.')
  .meta({ examples: ['request.max_tokens <= 1000'] });

const every = { status: status.default('active'), condition: condition.nullable().default(null) };
const models = z.strictObject({ type: z.enum(['allow_models', 'deny_models']), models: patterns, ...every });
const providers = z.strictObject({
  type: z.enum(['allow_providers', 'deny_providers']),
  providers: patterns,
  ...every,
});
const prices = z.strictObject({ type: z.enum(['allow_pricing', 'deny_pricing']), pricing, ...every });
const ips = z.strictObject({
  type: z.enum(['allow_ips', 'deny_ips']),
  cidrs: z.array(cidr).max(200, 'must be at most 200'),
  ...every,
});

const kinds = [models, providers, prices, ips] as const;

/** A rule as it is written. */
export const newRule = z.discriminatedUnion('type', kinds).meta({ id: 'NewRule' });

/** In a whole set: with its id it stays the rule it was, without one it is a new one. */
const kept = { id: id('rule').optional() };
const ruleInSet = z
  .discriminatedUnion('type', [models.extend(kept), providers.extend(kept), prices.extend(kept), ips.extend(kept)])
  .meta({ id: 'RuleInSet' });

const named = { id: id('rule') };
export const rule = z
  .discriminatedUnion('type', [models.extend(named), providers.extend(named), prices.extend(named), ips.extend(named)])
  .meta({ id: 'Rule' });

/** What is named is set; a rule stays of its type. */
export const ruleChanges = z
  .strictObject({
    models: patterns.optional(),
    providers: patterns.optional(),
    pricing: pricing.optional(),
    cidrs: ips.shape.cidrs.optional(),
    status: status.optional(),
    condition: condition.nullable().optional(),
  })
  .meta({ id: 'RuleChanges' });

export const newRules = z.array(ruleInSet).max(MOST_RULES, `must be at most ${MOST_RULES}`);

/** The rules of one organization, project, member or key; revision 0: there never were any. */
export const ruleSet = z
  .object({ level: z.enum(LEVELS), subject: z.string(), rules: z.array(rule), revision, updated_at: moment.nullable() })
  .meta({ id: 'RuleSet' });

/** Of whom: named by one of these, or by none, and then of the organization. */
const scope = {
  organization_id: id('organization'),
  project_id: id('project').optional(),
  member_id: id('member').optional(),
  key_id: id('key').optional(),
};
const expected = {
  expected_revision: revision.optional().describe('Refused where the set is not at this revision any more.'),
};

function oneScope(given: { project_id?: unknown; member_id?: unknown; key_id?: unknown }, context: z.RefinementCtx) {
  const [, second] = (['project_id', 'member_id', 'key_id'] as const).filter((name) => given[name] !== undefined);
  if (second) context.addIssue({ code: 'custom', path: [second], message: 'name one of these' });
}

export const RulesRpc = {
  getRules: rpc({
    subject: 'keyward.policy.get_rules',
    summary: 'The rules of an organization, a project, a member or a key.',
    request: z.strictObject(scope).superRefine(oneScope),
    reply: ruleSet,
  }),
  putRules: rpc({
    subject: 'keyward.policy.put_rules',
    summary: 'Replace all rules of an organization, a project, a member or a key.',
    request: z.strictObject({ ...scope, ...expected, rules: newRules }).superRefine(oneScope),
    reply: ruleSet,
  }),
  addRule: rpc({
    subject: 'keyward.policy.add_rule',
    summary: 'One rule more.',
    request: z.strictObject({ ...scope, ...expected, rule: newRule }).superRefine(oneScope),
    reply: z.object({ rule, revision }),
  }),
  updateRule: rpc({
    subject: 'keyward.policy.update_rule',
    summary: 'Change one rule: what is named is set.',
    request: z.strictObject({ ...scope, ...expected, rule_id: id('rule'), changes: ruleChanges }).superRefine(oneScope),
    reply: z.object({ rule, revision }),
  }),
  deleteRule: rpc({
    subject: 'keyward.policy.delete_rule',
    summary: 'One rule less.',
    request: z.strictObject({ ...scope, ...expected, rule_id: id('rule') }).superRefine(oneScope),
    reply: z.object({ revision }),
  }),
  getPolicy: rpc({
    subject: 'keyward.policy.get_policy',
    summary: 'For gateways: all rules that bind at once, as of a revision.',
    request: z.strictObject({
      organization_id: id('organization'),
      subjects: z
        .array(text(140))
        .min(1)
        .max(20)
        .describe('The ids of all whose rules bind: organization, project, who made the key, the key.'),
      at_least: revision.default(0).describe('An answer older than this revision is no use to the caller.'),
    }),
    reply: z.object({ as_of: revision, sets: z.array(ruleSet.pick({ level: true, subject: true, rules: true })) }),
  }),
  getRuleCounts: rpc({
    subject: 'keyward.policy.get_rule_counts',
    summary: 'How many rules keys have of their own, but for inactive ones; those without any are left out.',
    request: z.strictObject({ organization_id: id('organization'), key_ids: z.array(id('key')).min(1).max(100) }),
    reply: z.object({ keys: z.array(z.object({ key_id: id('key'), rules: z.int().min(1) })) }),
  }),
  listRuleChanges: rpc({
    subject: 'keyward.policy.rule_changes',
    summary: 'For gateways: whose rules changed after a revision, to close a gap in the events.',
    request: z.strictObject({
      after: revision.nullable().describe('Null: what changed within the life of a cached policy.'),
    }),
    reply: z.object({
      head: revision,
      changes: z.array(z.object({ revision, subject: z.string() })),
      complete: z.boolean().describe('False where the gap is too wide to list: drop everything.'),
    }),
  }),
};

export const RulesEvents = {
  rulesChanged: event({
    subject: 'keyward.events.policy.rules_changed',
    summary: 'The rules of an organization, a project, a member or a key are no longer what they were.',
    payload: z.object({
      revision,
      organization_id: id('organization'),
      level: z.enum(LEVELS),
      subject: z.string().describe('The id of the organization, project, member or key.'),
      at: moment,
    }),
  }),
};

export type NewRule = z.output<typeof newRule>;
export type WireRule = z.output<typeof rule>;
export type RuleChanges = z.output<typeof ruleChanges>;
export type WireRuleSet = z.output<typeof ruleSet>;
