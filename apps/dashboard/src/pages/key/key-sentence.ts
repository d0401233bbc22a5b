import type { Key } from '../../api/keys.js';
import { dateTime, relative } from '../../parts/moments.js';
import { money, roundMoney } from '../../parts/money.js';
import { stateOf } from '../keys/key-state.js';

/** How a key stands, and what happens to it next, as one would say it. */
export function sentenceOf(key: Key, now: number): string {
  const { expires_at, period, previous } = key;
  switch (stateOf(key, now)) {
    case 'disabled':
      return 'It is disabled: every request with it is refused until somebody enables it.';
    case 'expired':
      return `It expired ${relative(expires_at ?? '', now)}: every request with it is refused until it gets a new expiration.`;
    case 'limit_reached':
      return reached(key, now);
    case 'near_limit':
      return `It works, and has spent 80 % or more of a limit.${period ? ` Its period resets ${relative(period.resets_at, now)}.` : ''}`;
    case 'rotating':
      return `It works with two secrets: the old one stops ${relative(previous?.valid_until ?? '', now)}.`;
    default:
      return next(key, now);
  }
}

function reached(key: Key, now: number): string {
  const { budget, usage, period, currency, recurring_limit } = key;
  const all = budget !== null && usage !== null && Number(usage) >= Number(budget);
  if (all)
    return `It has spent all of its ${roundMoney(budget, currency)}: requests are refused until the limit is raised or its usage is reset.`;
  return `It has spent the ${roundMoney(recurring_limit?.amount ?? '0', currency)} of this period: requests are refused until the next one begins ${relative(period?.resets_at ?? '', now)}.`;
}

function next({ expires_at, period, currency }: Key, now: number): string {
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
  ].filter((event) => event !== null);
  const [first] = events.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return first ? `It works; ${first.text}.` : 'It works, and never expires.';
}
