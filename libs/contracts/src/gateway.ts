import { z } from 'zod';
import { text } from './fields.js';
import { usableKey } from './key.js';
import { rpc } from './rpc.js';
import { traceStep } from './trace.js';

/** What gateways are asked over the bus. Whichever is free answers. */
export const GatewayRpc = {
  measureCall: rpc({
    subject: 'keyward.gateway.measure',
    summary: 'For the policy service: whether the limits of a key have room for a call. Nothing is taken from them.',
    request: z.strictObject({
      key: usableKey,
      model: text(200).min(1),
      providers: z.array(text(64)).min(1).max(100).describe('Those its rules have left.'),
      endpoint: text(64),
      max_tokens: z.int().min(0).nullable(),
      est_tokens: z.int().min(0),
    }),
    reply: z.object({ code: z.string().nullable().describe('Null: there is room.'), steps: z.array(traceStep) }),
  }),
};
