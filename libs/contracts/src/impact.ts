import { z } from 'zod';
import { id, moment } from './fields.js';
import { rpc } from './rpc.js';
import { newRule } from './rules.js';

/** No more of the log is read for one question. */
export const MOST_REQUESTS = 2000;

/** Rules that nobody has put anywhere yet, and whose requests of late they are held against. */
export const imaginedRules = {
  project_id: id('project').optional().describe('Only its requests.'),
  key_id: id('key').optional().describe('Only its requests.'),
  rules: z.array(newRule).min(1).max(100),
  days: z.int().min(1).max(7).default(7),
};

const count = z.int().min(0);

export const impact = z
  .object({
    requests: count.describe('That were forwarded in these days, as far as the log was read.'),
    denied: count.describe('Of those: that the rules would have refused.'),
    by_code: z.record(z.string(), count),
    by_model: z.record(z.string(), count),
    sample: z
      .array(
        z.object({
          id: id('request'),
          at: moment,
          key_id: id('key'),
          model: z.string(),
          code: z.string(),
          rule: count,
        }),
      )
      .describe('The newest of them; `rule` is the place of the one that decided in what was sent.'),
    unknown: count.describe('Of models that are not there any more: not judged.'),
    not_judged: z.array(count).describe('Places of rules about addresses: the log has none.'),
    since: moment.describe('How far back the log was read.'),
    truncated: z.boolean().describe(`There were more than ${MOST_REQUESTS} requests: older ones were not looked at.`),
  })
  .meta({ id: 'RulesImpact' });

export const ImpactRpc = {
  measureImpact: rpc({
    subject: 'keyward.policy.impact',
    summary: 'How many of the requests of the last days these rules would have refused.',
    request: z.strictObject({ organization_id: id('organization'), ...imaginedRules }),
    reply: impact,
  }),
};
