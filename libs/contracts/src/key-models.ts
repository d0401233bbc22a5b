import { z } from 'zod';
import { id } from './fields.js';
import { rpc } from './rpc.js';
import { decidingRule } from './trace.js';

/** No more of them are listed, so that an answer fits into a message; all are counted. */
export const MOST_LISTED = 2000;

const count = z.int().min(0);

export const keyModels = z
  .object({
    total: count.describe('Names in the catalogue: models and aliases.'),
    allowed: count.describe('Of those: that the rules which bind the key let it ask for.'),
    models: z
      .array(
        z.object({
          model: z.string(),
          allowed: z.boolean(),
          code: z.string().nullable().describe('Why not; null where it is allowed.'),
          rule: decidingRule.nullable(),
        }),
      )
      .describe(`By name; the first ${MOST_LISTED}.`),
    not_judged: count.describe(
      'Active rules about addresses, or with a condition: only a call can be held against them.',
    ),
  })
  .meta({ id: 'KeyModels' });

export const KeyModelsRpc = {
  listKeyModels: rpc({
    subject: 'keyward.policy.key_models',
    summary: 'Which models the rules that bind a key let it ask for, by their lists.',
    request: z.strictObject({ organization_id: id('organization'), key_id: id('key') }),
    reply: keyModels,
  }),
};
