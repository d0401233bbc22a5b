import type { Nanos } from '#domain/money';
import { wildcard } from '#domain/routing/wildcard';
import { contains, parseAddress, parseNetwork } from './network.js';
import { type PriceRange, partsOf, type Rule } from './rule.js';

/** What a route costs: nano-units for a million tokens. */
export interface WayPrice {
  readonly free: boolean;
  readonly input: Nanos;
  readonly output: Nanos;
}

/** One way to serve the model; no provider where nobody serves it. */
export interface Way {
  readonly provider: string | null;
  /** Null: nobody knows. It counts as paid, and dearer than every maximum. */
  readonly price: WayPrice | null;
}

/** Who asks for what, as far as lists look at it. */
export interface Asked {
  /** The model's own name. */
  readonly model: string;
  /** What it was asked for as: the same, an alias, or a snapshot. */
  readonly name: string;
  /** The dated name of what the provider is asked for; null where it is asked for the model itself. */
  readonly snapshot: string | null;
  /** From where; null where that is not known, and then no list of addresses has it. */
  readonly ip: string | null;
}

export type Matches = (asked: Asked, way: Way) => boolean;

/** Whether a request is one of those that a rule describes. */
export function matcherOf<Facts>(rule: Rule<Facts>): Matches {
  const isDeny = partsOf(rule.type).effect === 'deny';
  if ('models' in rule) return modelMatcher(rule.models, isDeny);
  if ('providers' in rule) return providerMatcher(rule.providers, isDeny);
  if ('pricing' in rule) return isDeny ? dearMatcher(rule.pricing) : priceMatcher(rule.pricing);
  return addressMatcher(rule.cidrs);
}

/**
 * A name without `*` may be the model's own, the alias or snapshot it was asked for as, or the snapshot that alias stands
 * for. A wildcard that allows looks only at its own name, so that no alias slips through; one that denies looks at all of
 * them. With a `/` in it, it may also mean `provider/model`.
 */
function modelMatcher(patterns: readonly string[], isDeny: boolean): Matches {
  const read = isDeny ? folded : asWritten;
  const all = patterns.map(read);
  const exact = new Set(all.filter((pattern) => !pattern.includes('*')));
  const wild = all.filter((pattern) => pattern.includes('*'));
  const plain = wild.map(wildcard);
  const qualified = wild.filter((pattern) => pattern.includes('/')).map(wildcard);
  const namesProvider = qualified.length > 0 || [...exact].some((pattern) => pattern.includes('/'));
  const has = (given: string, provider: string | null, wilds: boolean): boolean => {
    const model = read(given);
    if (exact.has(model) || (wilds && plain.some((matches) => matches(model)))) return true;
    if (!namesProvider || provider === null) return false;
    const whole = `${provider}/${model}`;
    return exact.has(whole) || (wilds && qualified.some((matches) => matches(whole)));
  };
  return ({ model, name, snapshot }, { provider }) => {
    // What nobody serves is on no list of what is allowed.
    if (provider === null && !isDeny) return false;
    return (
      has(model, provider, true) ||
      (name !== model && has(name, provider, isDeny)) ||
      (snapshot !== null && snapshot !== name && has(snapshot, provider, isDeny))
    );
  };
}

function providerMatcher(patterns: readonly string[], isDeny: boolean): Matches {
  // The names of providers have no capitals.
  const all = patterns.map(isDeny ? folded : asWritten);
  const exact = new Set(all.filter((pattern) => !pattern.includes('*')));
  const wild = all.filter((pattern) => pattern.includes('*')).map(wildcard);
  return (_, { provider }) => provider !== null && (exact.has(provider) || wild.some((matches) => matches(provider)));
}

const NOT_FOLDED = /[^\0-@[-\x7f]/;

/** A denial that was written with a capital too many, or composed in another way, still denies. An allow is to the letter. */
function folded(text: string): string {
  return NOT_FOLDED.test(text) ? text.normalize('NFC').toLowerCase() : text;
}

function asWritten(text: string): string {
  return text;
}

/** What an `allow_pricing` lets pass: of that tier, and above no maximum. */
function priceMatcher({ tier, maxInput, maxOutput }: PriceRange): Matches {
  return (_, { provider, price }) =>
    provider !== null && fits(tier, price) && !isAbove(maxInput, price?.input) && !isAbove(maxOutput, price?.output);
}

/** What a `deny_pricing` stops: all of that tier, or, where it names a maximum, what is above one. */
function dearMatcher({ tier, maxInput, maxOutput }: PriceRange): Matches {
  const all = maxInput === null && maxOutput === null;
  return (_, { provider, price }) =>
    provider !== null &&
    fits(tier, price) &&
    (all || isAbove(maxInput, price?.input) || isAbove(maxOutput, price?.output));
}

function fits(tier: PriceRange['tier'], price: WayPrice | null): boolean {
  return tier === 'any' || (tier === 'free') === (price?.free ?? false);
}

function isAbove(most: Nanos | null, price: Nanos | undefined): boolean {
  return most !== null && (price === undefined || price > most);
}

function addressMatcher(cidrs: readonly string[]): Matches {
  const networks = cidrs.flatMap((text) => parseNetwork(text) ?? []);
  return ({ ip }) => {
    const address = ip === null ? null : parseAddress(ip);
    return address !== null && networks.some((network) => contains(network, address));
  };
}
