import type { Key } from '../../api/keys.js';
import { dateTime, relative } from '../../parts/moments.js';
import { money, roundMoney } from '../../parts/money.js';
import { stateOf } from '../keys/key-state.js';

type Facts = Pick<
  Key,
  'status' | 'expires_at' | 'limit_state' | 'period' | 'previous' | 'budget' | 'usage' | 'recurring_limit' | 'currency'
>;

/** How a key stands, and what happens to it next, as one would say it. */
export function sentenceOf(key: Facts, now: number): string {
  const next = nextOf(key, now);
  switch (stateOf(key, now)) {
    case 'disabled':
      return 'It is disabled: every request with it is refused until somebody enables it.';
    case 'expired':
      return `It expired ${relative(key.expires_at ?? '', now)}: every request with it is refused until it gets a new expiration.`;
    case 'limit_reached':
      return reached(key, now);
    case 'near_limit':
      return `It works, and has spent 80 % or more of a limit${next ? `; ${next}` : ''}.`;
    case 'rotating':
      return `It works with two secrets${next ? `; ${next}` : ''}.`;
    default:
      return next ? `It works; ${next}.` : 'It works, and never expires.';
  }
}

function reached({ budget, usage, period, currency, recurring_limit, expires_at }: Facts, now: number): string {
  const all = budget !== null && usage !== null && Number(usage) >= Number(budget);
  if (all)
    return `It has spent all of its ${roundMoney(budget, currency)}: requests are refused until the limit is raised or its usage is reset.`;
  const begins = period?.resets_at ?? '';
  const expiresFirst = expires_at !== null && Date.parse(expires_at) < Date.parse(begins);
  return `It has spent the ${roundMoney(recurring_limit?.amount ?? '0', currency)} of this period: requests are refused ${
    expiresFirst
      ? `for the rest of its time, and it expires ${relative(expires_at, now)}`
      : `until the next one begins ${relative(begins, now)}`
  }.`;
}

/** Of all that will happen to it by itself, what comes first. */
function nextOf({ expires_at, period, previous, currency }: Facts, now: number): string | undefined {
  const events = [
    expires_at === null
      ? null
      : { at: expires_at, text: `it expires ${relative(expires_at, now)}, on ${dateTime(expires_at)}` },
    period === null
      ? null
      : {
          at: period.resets_at,
          text: `its period resets ${relative(period.resets_at, now)}${period.usage === null ? '' : `, with ${money(period.usage, currency)} spent so far`}`,
        },
    previous === null
      ? null
      : { at: previous.valid_until, text: `the old secret stops ${relative(previous.valid_until, now)}` },
  ].filter((event) => event !== null);
  const coming = events.filter(({ at }) => Date.parse(at) > now);
  return coming.sort((one, other) => Date.parse(one.at) - Date.parse(other.at))[0]?.text;
}
