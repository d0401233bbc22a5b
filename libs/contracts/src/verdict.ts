import { z } from 'zod';
import { amount, id, moment, name, text } from './fields.js';
import { scope, tags } from './key.js';
import { decidingRule } from './trace.js';

/** What a question about a key is counted as. */
const verdictCost = z.strictObject({
  requests: z.literal(1, 'must be 1').default(1),
  tokens: z.int().min(0).max(1_000_000_000).default(0),
});

/** What can be asked of a key. */
export const verdictQuestion = {
  scopes: z.array(scope).max(4).optional().describe('All of these are needed.'),
  model: text(200)
    .min(1)
    .optional()
    .describe('What is to be called: then its rules are asked as well, as at the edge; calling needs `read`.'),
  ip: z.string().max(64).optional().describe('From where, for rules about addresses; they know of none without it.'),
  cost: verdictCost.default({ requests: 1, tokens: 0 }).describe('Counted to the rates of the key, if it is let in.'),
  peek: z.boolean().default(false).describe('Only look: nothing is counted.'),
};

const rate = z
  .object({ limit_value: z.int(), used: z.int().describe('In the last minute.'), remaining: z.int() })
  .meta({ id: 'RateFacts' });

export const rateFacts = z.object({
  requests: rate.nullable(),
  tokens: rate.nullable(),
  retry_after_ms: z.int().nullable().describe('Where a rate is the reason: when it is worth asking again.'),
});

export const spendFacts = z
  .object({
    limit: z
      .string()
      .describe('`budget`, `recurring_limit`, `project_budget`, `project_recurring_limit` or `credits`.'),
    limit_value: amount,
    used: amount,
    reserved: amount,
    remaining: amount,
    currency: z.string().length(3),
    resets_at: moment.nullable(),
  })
  .meta({ id: 'SpendFacts' });

/** What a service that guards its own API is told of a key: whether it is good, whose it is, and what it has left. */
export const keyVerdict = z.object({
  valid: z.boolean(),
  code: z.enum([
    'valid',
    'invalid_api_key',
    'key_disabled',
    'key_expired',
    'permission_denied',
    'model_not_found',
    'model_not_allowed',
    'provider_not_allowed',
    'pricing_not_allowed',
    'condition_not_met',
    'model_unpriced',
    'rate_limit_exceeded',
    'token_rate_limit_exceeded',
    'request_exceeds_token_limit',
    'spend_limit_reached',
    'period_spend_limit_reached',
    'insufficient_credits',
  ]),
  key_id: id('key').nullable(),
  name: name.nullable(),
  organization_id: id('organization').nullable(),
  project_id: id('project').nullable(),
  scopes: z.array(scope),
  tags,
  expires_at: moment.nullable(),
  rule: decidingRule.nullable().describe('The rule that decided, where one did.'),
  ratelimit: rateFacts.nullable().describe('Null where nothing limits the rate, or where the key is not good anyway.'),
  budget: spendFacts.nullable().describe('The spend limit that has the least left; null where there is none.'),
});
