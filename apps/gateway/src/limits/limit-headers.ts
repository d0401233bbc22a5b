import { remainingOf } from '#counters/standing';
import type { TillFacts } from '#domain/budget/reservation';
import { formatMoney } from '#domain/money';

interface Rates {
  readonly rpm: number | null;
  readonly tpm: number | null;
  readonly charged: readonly boolean[];
}

/** The last second counts until it is 61 seconds old. */
const WINDOW_SECONDS = 61;

/** What a client is told of its limits with every answer: the numbers of the till that has just decided. */
export function limitHeaders(facts: TillFacts, { rpm, tpm, charged }: Rates): Record<string, string> {
  const headers: Record<string, string> = {};
  if (rpm !== null) {
    const left = Math.max(0, rpm - facts.requests);
    const reset = resetOf(facts.requests, facts.now);
    headers['x-ratelimit-limit-requests'] = String(rpm);
    headers['x-ratelimit-remaining-requests'] = String(left);
    headers['x-ratelimit-reset-requests'] = `${reset}s`;
    headers['ratelimit-policy'] = `"requests";q=${rpm};w=60`;
    headers.ratelimit = `"requests";r=${left};t=${reset}`;
  }
  if (tpm !== null) {
    headers['x-ratelimit-limit-tokens'] = String(tpm);
    headers['x-ratelimit-remaining-tokens'] = String(Math.max(0, tpm - facts.tokens));
    headers['x-ratelimit-reset-tokens'] = `${resetOf(facts.tokens, facts.now)}s`;
  }
  const money = remainingOf(facts, charged);
  if (money !== null) headers['x-keyward-spend-remaining'] = formatMoney(money);
  return headers;
}

/** In so many seconds all of it is there again, if nothing more is asked for. */
function resetOf(used: number, now: number): number {
  return used === 0 ? 0 : Math.ceil(((Math.floor(now / 1000) + WINDOW_SECONDS) * 1000 - now) / 1000);
}
