import { z } from 'zod';
import { LEVELS } from '#domain/policy/rule';
import { modelId } from './catalogue.js';
import { amount, id } from './fields.js';
import { rpc } from './rpc.js';
import { rule } from './rules.js';

/** No more of them are shown; all are counted. */
export const MOST_SHOWN = 100;

const count = z.int().min(0);
const perMillion = amount.refine((given) => !given.startsWith('-'), 'must not be below zero').optional();

/** What somebody thinks of doing to a model: a price of input and of output, of every way to it. */
export const imaginedPrice = {
  input_price: perMillion.describe('With `output_price`: a new price for a million tokens, for every way to it.'),
  output_price: perMillion,
};

const touchedRule = z
  .object({
    level: z.enum(LEVELS),
    subject: z.string().describe('The id of the organization, project, member or key.'),
    rule,
    by: z
      .enum(['name', 'wildcard', 'price'])
      .describe('Its own name, an alias or a snapshot is on the list; a wildcard means it; or its price is meant.'),
    changes: z
      .boolean()
      .nullable()
      .describe(
        'Whether the new price would make it decide otherwise; null: it is about names, or there is no new one.',
      ),
  })
  .meta({ id: 'TouchedRule' });

const totals = z.object({ rules: count, changes: count, organizations: count });

export const modelRules = z
  .object({
    model: z.string(),
    rules: z.array(touchedRule).describe(`Your organization’s that are not inactive; the first ${MOST_SHOWN}.`),
    total: count.describe('How many there are of them.'),
    everywhere: totals.nullable().describe('For operators: how many of all organizations. Null for everybody else.'),
  })
  .meta({ id: 'ModelRules' });

export const ModelRulesRpc = {
  listModelRules: rpc({
    subject: 'keyward.policy.model_rules',
    summary: 'Which rules are about a model: to look at before it is taken away, or has another price.',
    request: z.strictObject({ organization_id: id('organization'), model_id: modelId, ...imaginedPrice }),
    reply: modelRules,
  }),
};

export type TouchedRule = z.output<typeof touchedRule>;
