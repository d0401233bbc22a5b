import type { Received } from '../../fake-upstream/received.js';
import { type Gap, type House, RATES } from './house.js';
import type { Bucket, Row } from './ledger.js';
import type { Spender } from './spenders.js';
import { type Attempt, clientsOf, numberOf } from './traffic.js';

export interface Seen {
  readonly house: House;
  readonly spenders: readonly Spender[];
  readonly attempts: readonly Attempt[];
  readonly rows: readonly Row[];
  readonly buckets: readonly Bucket[];
}

/** A request that a process died with is told by whoever finds it, and not always as its client saw it. */
const DEATH_MILLISECONDS = 2000;

/** P1. Every bucket, and with what is set aside for tills as well. */
export function overspent(buckets: readonly Bucket[]): string[] {
  return buckets.flatMap(({ id, limit, settled, granted }) =>
    limit !== null && settled + granted > limit ? [`${id}: ${settled} settled + ${granted} granted > ${limit}`] : [],
  );
}

/** P2. One row for each request that reached the provider, and none for what did not; to the nano where nobody died. */
export function misbooked(seen: Seen): string[] {
  const { house, attempts, rows } = seen;
  const wrong = rows.flatMap(({ id, finals }) => (finals === 1 ? [] : [`${id} has ${finals} final rows`]));
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const attemptOf = new Map(attempts.map((attempt) => [attempt.number, attempt]));
  const matched = new Set<string>();
  const nameless: Attempt[] = [];
  for (const request of house.upstream.record.requests) {
    const attempt = attemptOf.get(numberOf(request));
    if (!attempt) continue;
    if (attempt.id === null) {
      nameless.push(attempt);
      continue;
    }
    if (matched.has(attempt.id)) wrong.push(`forwarded twice: ${told(attempt)}`);
    matched.add(attempt.id);
    wrong.push(...bookedWrongly(rowOf.get(attempt.id), request, attempt, house));
  }
  return [...wrong, ...unaccounted(seen, matched, nameless)];
}

function bookedWrongly(row: Row | undefined, request: Received, attempt: Attempt, house: House): string[] {
  if (!row) return [`lost: ${told(attempt)}`];
  if (isSame(row, request, attempt, house)) return [];
  return [`${told(attempt)}: ${row.outcome}, ${row.input}+${row.output} tokens, ${row.cost}; ${billOf(request)}`];
}

/** Clients that left before they were told the id, or whose gateway died: counted for each key. */
function unaccounted({ spenders, rows }: Seen, matched: ReadonlySet<string>, nameless: readonly Attempt[]): string[] {
  return spenders.flatMap(({ name, id }) => {
    const free = rows.filter((row) => row.key === id && !matched.has(row.id));
    const expected = nameless.filter(({ spender }) => spender === name).length;
    // Written down, and then whoever was to send it died, or its client left first.
    const never = free.filter(
      ({ outcome }) => outcome === 'abandoned' || outcome === 'failed' || outcome === 'aborted',
    );
    return [
      ...(free.length < expected ? [`lost: ${expected - free.length} of ${name} that no client knows the id of`] : []),
      ...(free.length - never.length > expected ? [`${name} has ${free.length} rows for ${expected} requests`] : []),
    ];
  });
}

function isSame(row: Row, request: Received, attempt: Attempt, { gateways }: House): boolean {
  if (attempt.ending !== 'whole') return true;
  const deaths = gateways[attempt.gateway]?.ends ?? [];
  if (deaths.some((at) => at > attempt.startedAt && at < attempt.endedAt + DEATH_MILLISECONDS)) return true;
  const { input, output } = request.billed;
  const cost = BigInt(input) * RATES.input + BigInt(output) * RATES.output;
  return row.outcome === 'ok' && row.input === input && row.output === output && row.cost === cost;
}

const billOf = ({ billed: { input, output }, outcome }: Received) => `the provider: ${input}+${output}, ${outcome}`;

/** The ledger’s rows of a key are what its bucket has settled: nothing is charged that no row says. */
export function unbalanced({ spenders, rows, buckets }: Pick<Seen, 'spenders' | 'rows' | 'buckets'>): string[] {
  return spenders.flatMap(({ name, id }) => {
    const sum = rows.filter(({ key }) => key === id).reduce((total, { cost }) => total + cost, 0n);
    const settled = buckets.find((bucket) => bucket.id === `${id}/0`)?.settled ?? 0n;
    return sum === settled ? [] : [`${name}: its rows come to ${sum}, its bucket to ${settled}`];
  });
}

/** No outage is anybody’s fault: 401 and 403 never, 402 only to who can run out of money, 429 only to who has a rate. */
export function wronglyRefused({ spenders, attempts }: Pick<Seen, 'spenders' | 'attempts'>): string[] {
  const spenderOf = new Map(spenders.map((spender) => [spender.name, spender]));
  return attempts.flatMap((attempt) => {
    const { canRunOut = false, rateLimit = null } = spenderOf.get(attempt.spender) ?? {};
    if (attempt.ending === 'unanswered') return [`no answer: ${told(attempt)}`];
    const { status } = attempt;
    const isRight =
      status === null ||
      status === 200 ||
      status === 503 ||
      (status === 402 && canRunOut) ||
      (status === 429 && rateLimit !== null);
    return isRight ? [] : [`refused: ${told(attempt)}`];
  });
}

const TOGETHER_MILLISECONDS = 2000;
const MINUTE = 60_000;

/**
 * P13. By when requests arrived at the provider. Whenever the count of all is lost or found again, those on their way may be
 * too many: one of each client, and nobody who loses sight of Redis has been told of those. A gateway that is cut off alone, or dies with what it counted, may let in its share as well as the others theirs.
 */
export function tooFast(seen: Seen, troubles: readonly number[]): string[] {
  const { house, spenders, attempts } = seen;
  const gaps = house.gaps();
  const alone = [...gaps.filter((gap) => !isShared(gap, gaps, house.gateways.length)), ...deathsOf(house)];
  const sudden = [...troubles, ...gaps.map(({ at }) => at)];
  return spenders.flatMap((spender) => {
    const { name, rateLimit } = spender;
    if (rateLimit === null) return [];
    const times = arrivals(house, attempts, name);
    return times.flatMap((from, i) => {
      const count = times.findIndex((at, j) => j > i && at >= from + MINUTE);
      const within = (count === -1 ? times.length : count) - i;
      const isNear = (at: number) => at > from - MINUTE && at < from + MINUTE;
      const lonely = new Set(alone.filter(({ at }) => isNear(at)).map(({ gateway }) => gateway)).size;
      const share = Math.ceil(rateLimit / house.gateways.length);
      const most = rateLimit + clientsOf(spender) * sudden.filter(isNear).length + share * lonely;
      return within > most ? [`${name}: ${within} in 60 s, at most ${most} with ${lonely} gateways alone`] : [];
    });
  });
}

/** The most calls of each key with a rate that any 60 seconds have seen: `57 of 60`. */
export function mostInAMinute({ house, spenders, attempts }: Seen): string[] {
  return spenders.flatMap(({ name, rateLimit }) => {
    if (rateLimit === null) return [];
    const times = arrivals(house, attempts, name);
    const most = Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE).length));
    return [`${most} of ${rateLimit}`];
  });
}

function arrivals({ upstream }: House, attempts: readonly Attempt[], name: string): number[] {
  const numbers = new Set(attempts.filter(({ spender }) => spender === name).map(({ number }) => number));
  const times = upstream.record.requests.filter((each) => numbers.has(numberOf(each))).map(({ at }) => at);
  return times.sort((a, b) => a - b);
}

/** All of them at about the same time: nobody counts on with Redis meanwhile. */
function isShared({ at }: Gap, gaps: readonly Gap[], gateways: number): boolean {
  const near = gaps.filter((other) => Math.abs(other.at - at) < TOGETHER_MILLISECONDS);
  return new Set(near.map(({ gateway }) => gateway)).size === gateways;
}

function deathsOf({ gateways }: House): Gap[] {
  return gateways.flatMap(({ ends }, gateway) => ends.map((at) => ({ gateway, at: at - performance.timeOrigin })));
}

export function told(attempt: Attempt): string {
  const { number, spender, gateway, status, code, ending, id, answeredAfter, said } = attempt;
  return `#${number} of ${spender} at gateway-${gateway + 1}, ${id}: ${ending} ${status} ${code ?? ''} after ${answeredAfter} ms ${said}`;
}
