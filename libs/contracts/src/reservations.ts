import { z } from 'zod';
import { amount, id, moment, name, text } from './fields.js';
import { rpc } from './rpc.js';
import { OUTCOMES } from './usage.js';
import { rateFacts, spendFacts } from './verdict.js';

/**
 * For services that call models themselves: what a gateway does around a call, as three steps. A reservation is a request
 * under way: it holds money, rates and a place as one, and it ends as one row of the ledger, or as none.
 */

const MOST_TOKENS = 1_000_000_000;
const tokens = z.int().min(0).max(MOST_TOKENS);

/** Nobody is waited for longer than that at a time; who needs longer extends. */
export const LONGEST_SECONDS = 3600;
const seconds = z.int().min(1).max(LONGEST_SECONDS);

/** The call that is about to be made. */
export const meteredCall = {
  model: text(200).min(1),
  provider: text(64).min(1).optional().describe('Only this one of its providers.'),
  endpoint: text(64).min(1).optional().describe('What rules know the call by; left out, the one that suits the model.'),
  input_tokens: tokens.describe('The most its input can come to.'),
  max_output_tokens: tokens
    .nullable()
    .default(null)
    .describe(
      'The most an answer may have. Null: as much as the model can say and there is money for; the reply tells.',
    ),
  choices: z.int().min(1).max(1000).default(1).describe('How many answers are asked for.'),
  caches_for_an_hour: z
    .boolean()
    .default(false)
    .describe('It may put its input into the provider’s cache for an hour.'),
  stream: z.boolean().default(false),
  tools: z.boolean().default(false),
  images: z.boolean().default(false),
  ip: z.string().max(64).nullable().default(null).describe('Of whoever the call is made for, where rules ask for it.'),
  own_key: z.boolean().default(false).describe('It goes with the project’s own provider key: not charged to credits.'),
};

const lifetime = {
  expires_in_seconds: seconds
    .default(60)
    .describe('After that, whoever reserved is taken for dead, and the input is charged.'),
};

const denial = z
  .object({
    code: z.string().describe('As the edge refuses: `spend_limit_reached`, `model_not_allowed`, …'),
    status: z.int(),
    message: z.string(),
    param: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).describe('The facts of a limit, the rule that decided.'),
  })
  .meta({ id: 'Denial' });

const whose = { organization_id: id('organization'), project_id: id('project'), key_id: id('key'), name };

const left = {
  ratelimit: rateFacts.nullable().describe('Null where nothing limits the rate.'),
  budget: spendFacts.nullable().describe('The spend limit that has the least left; null where there is none.'),
};

/** What a gateway says of a call, before anything is written down. */
export const deniedCall = z.object({ reserved: z.literal(false), denial });
export const limitsLeft = z.object(left);

const reserved = z.object({
  reserved: z.literal(true),
  reservation_id: id('reservation'),
  request_id: id('request').describe('What the request log and the ledger will know it by.'),
  ...whose,
  providers: z.array(z.string()).min(1).describe('Those that may be asked, in this order.'),
  max_output_tokens: z.int().nullable().describe('What the answer has to be capped to; null: nothing limits it.'),
  held: amount.describe('Set aside: the most the call can cost. Nothing where no spend limit is set.'),
  currency: z.string().length(3),
  expires_at: moment,
  ...left,
});

const reservationReply = z.discriminatedUnion('reserved', [reserved, deniedCall]);

/** What a call came to. Input includes what was read from a cache, and what was written to one. */
const used = z
  .strictObject({
    input_tokens: tokens.default(0),
    cached_input_tokens: tokens.default(0),
    cache_write_tokens: tokens.default(0),
    cache_write_hour_tokens: tokens.default(0).describe('Of those: to be kept for an hour.'),
    output_tokens: tokens.default(0),
    reasoning_tokens: tokens.default(0).describe('Of the output.'),
  })
  .refine((u) => u.cached_input_tokens + u.cache_write_tokens <= u.input_tokens, {
    message: 'must include cached_input_tokens and cache_write_tokens',
    path: ['input_tokens'],
  })
  .refine((u) => u.cache_write_hour_tokens <= u.cache_write_tokens, {
    message: 'must include cache_write_hour_tokens',
    path: ['cache_write_tokens'],
  })
  .refine((u) => u.reasoning_tokens <= u.output_tokens, {
    message: 'must include reasoning_tokens',
    path: ['output_tokens'],
  });

/** Whoever names a reservation has made it: its id is in no log, and is all there is to know. */
const named = { reservation_id: id('reservation') };

const state = z.enum(['open', 'settled', 'cancelled', 'expired']);

const reservationView = z
  .object({
    reservation_id: id('reservation'),
    request_id: id('request'),
    organization_id: id('organization'),
    project_id: id('project'),
    key_id: id('key'),
    state: state.describe('`expired`: charged as if whoever made it had died; settling it still corrects that.'),
    model: z.string(),
    provider: z.string().nullable().describe('Who served it; until that is told, who would be asked first.'),
    held: amount,
    cost: amount.nullable().describe('What the ledger has; null for what it has no row of.'),
    currency: z.string().length(3),
    created_at: moment,
    expires_at: moment,
    ended_at: moment.nullable(),
  })
  .meta({ id: 'Reservation' });

export const ReservationsRpc = {
  reserve: rpc({
    subject: 'keyward.usage.reserve',
    summary:
      'Let a call in that you make yourself: rules, rates, places and money, for the most it can cost. A denial is an answer, not an error.',
    request: z.strictObject({ key: z.string().min(1).max(512), ...meteredCall, ...lifetime }),
    reply: reservationReply,
  }),
  reserveById: rpc({
    subject: 'keyward.usage.reserve_by_id',
    summary: 'The same for a key that is only named: for services that are trusted with everybody’s.',
    request: z.strictObject({
      organization_id: id('organization'),
      key_id: id('key'),
      ...meteredCall,
      ...lifetime,
    }),
    reply: reservationReply,
  }),
  settleReservation: rpc({
    subject: 'keyward.usage.settle',
    summary:
      'What the call came to: priced as it was reserved, one row of the ledger, however often it is told. After it has expired, a correction.',
    request: z.strictObject({
      ...named,
      usage: used,
      provider: text(64).min(1).optional().describe('Who served it; left out, the first of those that might.'),
      outcome: z.enum(OUTCOMES).extract(['ok', 'provider_error', 'failed', 'aborted']).default('ok'),
      estimated: z.boolean().default(false).describe('Counted by you: the provider did not say.'),
      duration_ms: z.int().min(0).max(86_400_000).optional(),
      first_byte_ms: z.int().min(0).max(86_400_000).optional(),
    }),
    reply: reservationView,
  }),
  cancelReservation: rpc({
    subject: 'keyward.usage.cancel',
    summary: 'The call was never made: all of it goes back, and nothing is written.',
    request: z.strictObject(named),
    reply: reservationView,
  }),
  extendReservation: rpc({
    subject: 'keyward.usage.extend',
    summary: 'The call goes on: it expires so much later than now.',
    request: z.strictObject({ ...named, expires_in_seconds: seconds }),
    reply: reservationView,
  }),
  getReservation: rpc({
    subject: 'keyward.usage.get',
    summary: 'What became of a reservation.',
    request: z.strictObject(named),
    reply: reservationView,
  }),
};

export type ReservationView = z.input<typeof reservationView>;
