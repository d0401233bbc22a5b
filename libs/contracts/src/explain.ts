import { z } from 'zod';
import { id, text } from './fields.js';
import { rpc } from './rpc.js';
import { decisionTrace } from './trace.js';

/** A call that may never be made: what would come of it? What is left out is as in the plainest call there is. */
export const imaginedCall = {
  key_id: id('key'),
  model: text(200).min(1).optional().describe('Left out: only whether the key may call anything at all.'),
  provider: text(64).optional().describe('Only this one of its providers.'),
  endpoint: text(64).optional().describe('/v1/chat/completions, or /v1/messages for a model that speaks that.'),
  stream: z.boolean().default(false),
  max_tokens: z.int().min(0).nullable().default(null),
  tools: z.boolean().default(false),
  images: z.boolean().default(false),
  est_tokens: z.int().min(0).max(1_000_000_000).default(0).describe('Tokens of input.'),
  ip: z.string().max(64).nullable().default(null).describe('From where; null: from nobody knows where.'),
};

const request = z.strictObject({ organization_id: id('organization'), ...imaginedCall });

export const ExplainRpc = {
  evaluate: rpc({
    subject: 'keyward.policy.evaluate',
    summary: 'Whether a key may make a call, by what it is and by its rules. A denial is an answer, not an error.',
    request,
    reply: decisionTrace
      .pick({ decision: true, code: true, rule: true, observed: true })
      .extend({ providers: z.array(z.string()).describe('Those that are left.') }),
  }),
  explain: rpc({
    subject: 'keyward.policy.explain',
    summary: 'The same, with every step: what was asked, what was compared, what decided.',
    request,
    reply: decisionTrace,
  }),
};
