import { z } from 'zod';
import { id, moment, nanos, text } from './fields.js';
import { usableKey } from './key.js';
import { price } from './policy.js';
import { deniedCall, LONGEST_SECONDS, limitsLeft, meteredCall } from './reservations.js';
import { rpc } from './rpc.js';
import { traceStep } from './trace.js';
import { usageEvent } from './usage.js';

/** Where a request that a gateway has let in holds what it holds. Null for one that holds nothing. */
const held = z.object({
  till: z.string().min(1).max(128),
  key_id: id('key'),
  request_id: id('request'),
});

/** What one of the providers would be paid, as it was known when the call was let in. */
const tariff = z.object({ provider: z.string(), price: price.nullable(), rate_nanos: nanos });

const admitted = z.object({
  reserved: z.literal(true),
  name: z.string(),
  /** As the ledger will know it if nobody lives to tell more. */
  event: usageEvent,
  tariffs: z.array(tariff).min(1),
  max_output_tokens: z.int().nullable(),
  amount_nanos: nanos,
  /** Null: nothing is held that has to be given back. */
  held: held
    .extend({
      epoch: z.int().min(0),
      buckets: z.array(z.object({ bucket: z.string(), held_nanos: nanos })),
      /** Whether there is a hold at all; rates alone need none. */
      is_kept: z.boolean(),
      /** What was counted to the rates, and when, by the clock of the till; null where nothing is counted. */
      counted: z.object({ second: z.int(), tokens: z.int() }).nullable(),
    })
    .nullable(),
  ...limitsLeft.shape,
});

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
  admitCall: rpc({
    subject: 'keyward.gateway.admit',
    summary:
      'For the usage service: let a call in that somebody else will make. What it takes is the asker’s to settle.',
    request: z.strictObject({
      request_id: id('request'),
      who: z.union([
        z.strictObject({ key: z.string().min(1).max(512) }),
        z.strictObject({ organization_id: id('organization'), key_id: id('key') }),
      ]),
      call: z.strictObject(meteredCall),
      expires_at: moment,
    }),
    reply: z.discriminatedUnion('reserved', [admitted, deniedCall]),
  }),
  settleHold: rpc({
    subject: 'keyward.gateway.settle_hold',
    summary: 'For the usage service: what a call came to that was let in for it. The till has the rest back.',
    request: z.strictObject({
      ...held.shape,
      is_kept: z.boolean(),
      cost_nanos: nanos,
      own_key: z.boolean(),
      second: z.int().min(0),
      requests_off: z.int().min(-1).max(0),
      tokens_off: z.int(),
    }),
    reply: z.object({ done: z.boolean().describe('False: that till is in the memory of another gateway.') }),
  }),
  extendHold: rpc({
    subject: 'keyward.gateway.extend_hold',
    summary: 'For the usage service: such a call goes on.',
    request: z.strictObject({
      ...held.shape,
      seconds: z
        .int()
        .min(1)
        .max(2 * LONGEST_SECONDS),
    }),
    reply: z.object({}),
  }),
};
