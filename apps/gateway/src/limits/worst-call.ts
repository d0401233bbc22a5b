import type { LimitedKey } from '#counters/asking';
import { hasSpendLimit } from '#domain/budget/buckets';
import type { Nanos } from '#domain/money';
import { type Bounds, worstCost } from '#domain/price/worst-case';
import { inputBound, inputGuess, type OutputCap, outputCap } from '#domain/usage/estimate';
import { inputFactsOf } from '#domain/usage/input-facts';
import type { Call } from '../edge/call.js';
import type { Offer } from '../edge/offers.js';

/** Where nobody knows how much a model can write: no usual one writes more. */
const LONGEST_ANSWER = 128_000;
/** An answer that is capped to less is of no use, and some providers refuse to be asked for it. */
const SHORTEST_ANSWER = 16;

/** What a call may come to, before it is made. */
export interface WorstCall {
  /** The most it can cost, on any of its routes. */
  readonly amount: Nanos;
  /** What it will most likely take. */
  readonly tokens: number;
  /** The cap to set where the request has none, so that the amount is the most indeed; null where nothing is to be set. */
  readonly cap: number | null;
  /** The same call with an answer that this much money is enough for; null where it is not to be shortened. */
  within(affordable: Nanos): WorstCall | null;
}

/** How much a call brings and asks for, wherever that is known from. */
export interface CallSize {
  /** The most tokens its input can come to. */
  readonly input: number;
  /** What it will most likely come to. */
  readonly guess: number;
  readonly asked: OutputCap;
  readonly writesForAnHour: boolean;
}

export function sizeOf({ body, endpoint }: Call, offers: readonly Offer[]): CallSize {
  const facts = inputFactsOf(body.bytes);
  const context = offers[0]?.model.context ?? null;
  return {
    input: inputBound(body.bytes.length, facts, endpoint.name, context),
    guess: inputGuess(body.bytes.length, facts),
    asked: outputCap(body, endpoint.name),
    writesForAnHour: facts.writesForAnHour,
  };
}

export function worstCallOf(key: LimitedKey, size: CallSize, offers: readonly Offer[]): WorstCall {
  const { input, guess, asked, writesForAnHour } = size;
  const tokens = guess + (asked.tokens ?? 0) * asked.choices;
  if (!hasSpendLimit(key)) return { amount: 0n, tokens, cap: null, within: () => null };
  const bounds = { input, choices: asked.choices, writesForAnHour };
  const of = (output: number): WorstCall => ({
    amount: dearest(offers, { ...bounds, output }),
    tokens,
    cap: asked.tokens === null ? output : null,
    within(affordable) {
      if (asked.tokens !== null) return null;
      const most = longest(output, (shorter) => dearest(offers, { ...bounds, output: shorter }) <= affordable);
      return most < SHORTEST_ANSWER ? null : of(most);
    },
  });
  return of(asked.tokens ?? offers[0]?.model.maxOutput ?? LONGEST_ANSWER);
}

function dearest(offers: readonly Offer[], bounds: Bounds): Nanos {
  return offers.reduce((most, { price, rate }) => {
    const cost = price ? worstCost(bounds, price, rate) : 0n;
    return cost > most ? cost : most;
  }, 0n);
}

/** The most that still fits, by halving: costs never fall with length. */
function longest(above: number, fits: (length: number) => boolean): number {
  let low = 0;
  let high = above;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
