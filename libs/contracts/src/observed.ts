import { z } from 'zod';
import { id, moment } from './fields.js';
import { rpc } from './rpc.js';

const count = z.int().min(0);

/** What a rule that only observes would have done, counted by the hour. */
export const observedRule = z
  .object({
    rule_id: id('rule'),
    last_day: count.describe('Requests that went through and that it would have refused.'),
    last_7_days: count,
  })
  .meta({ id: 'ObservedRule' });

export const ObservedRpc = {
  countObserved: rpc({
    subject: 'keyward.usage.observed',
    summary: 'How many of the requests that went through rules would have refused that only observe.',
    request: z.strictObject({ organization_id: id('organization'), rule_ids: z.array(id('rule')).min(1).max(100) }),
    reply: z.object({ rules: z.array(observedRule), as_of: moment }),
  }),
};
