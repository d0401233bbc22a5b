import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesWildcard } from '#domain/routing/wildcard';
import { compile } from './compile.js';
import { evaluate, type Question } from './evaluate.js';
import type { Way, WayPrice } from './matcher.js';
import { LEVELS, type PriceRange, partsOf, type Rule, type RuleSet, SUBJECTS } from './rule.js';

type Facts = { readonly yes: boolean };
type Asked = Question<Facts, Way>;

let made = 0;
const list = (...words: string[]) => fc.uniqueArray(fc.constantFrom(...words), { maxLength: 3 });
const max = fc.option(fc.bigInt(0n, 4n), { nil: null });
const rule = fc
  .record({
    status: fc.constantFrom('active', 'active', 'active', 'observe', 'inactive'),
    condition: fc.constantFrom(
      null,
      null,
      ({ yes }: Facts) => yes,
      () => 'error',
    ),
    content: fc.oneof(
      fc.record({
        type: fc.constantFrom('allow_models', 'deny_models'),
        models: list('a', 'b', 'ab', 'a*', '*b', '*', 'p/a', 'p/*', 'alias', 'al*', 'AB', 'a-1', 'A-*'),
      }),
      fc.record({
        type: fc.constantFrom('allow_providers', 'deny_providers'),
        providers: list('p', 'q', '*', 'p*', 'Q'),
      }),
      fc.record({
        type: fc.constantFrom('allow_pricing', 'deny_pricing'),
        pricing: fc.record({ tier: fc.constantFrom('free', 'paid', 'any'), maxInput: max, maxOutput: max }),
      }),
      fc.record({ type: fc.constantFrom('allow_ips', 'deny_ips'), cidrs: list('10.0.0.0/8', '10.1.0.0/16', '::1') }),
    ),
  })
  .map(({ content, ...rest }) => ({ id: `rule ${++made}`, ...rest, ...content }) as Rule<Facts>);
const rules = fc.array(rule, { maxLength: 5 });
const sets = fc
  .tuple(...LEVELS.map(() => rules))
  .map((all) => all.map((rules, index) => ({ level: LEVELS[index], rules }) as RuleSet<Facts>));
const price = fc.option(
  fc.oneof(
    fc.constant({ free: true, input: 0n, output: 0n }),
    fc.record({ free: fc.constant(false), input: fc.bigInt(0n, 5n), output: fc.bigInt(1n, 5n) }),
  ),
  { nil: null },
);
const ways = fc.uniqueArray(fc.record({ provider: fc.constantFrom('p', 'q', 'r', 'pp'), price }), {
  minLength: 1,
  maxLength: 3,
  selector: ({ provider }) => provider,
});
const asked = fc
  .record({
    model: fc.constantFrom('a', 'b', 'ab', 'c'),
    alias: fc.boolean(),
    snapshot: fc.constantFrom(null, null, 'a-1', 'b-1'),
    ip: fc.constantFrom('10.1.2.3', '10.2.0.1', '::1', null),
    yes: fc.boolean(),
  })
  .map(
    ({ alias, yes, ...rest }): Asked => ({
      ...rest,
      name: alias ? 'alias' : (rest.snapshot ?? rest.model),
      factsOf: () => ({ yes }),
    }),
  );

const left = (given: readonly RuleSet<Facts>[], question: Asked, all: readonly Way[]): string[] => {
  const verdict = evaluate(compile(given), question, all);
  return verdict.decision === 'deny' ? [] : verdict.ways.map(({ provider }) => String(provider));
};
const isWithin = (few: readonly string[], many: readonly string[]) => few.every((each) => many.includes(each));

/** Every way by itself, rule by rule, straight from the words of the README. */
function naive(given: readonly RuleSet<Facts>[], question: Asked, all: readonly Way[]): string[] {
  const holds = ({ condition }: Rule<Facts>, way: Way, onError: boolean) => {
    const said = condition ? condition(question.factsOf?.(way) as Facts) : true;
    return said === 'error' ? onError : said;
  };
  const mayPass = (way: Way) =>
    given.every(({ rules }) =>
      SUBJECTS.every((subject) => {
        const about = rules.filter(({ type, status }) => status === 'active' && partsOf(type).subject === subject);
        const allows = about.filter(({ type }) => type.startsWith('allow'));
        const denies = about.filter(({ type }) => type.startsWith('deny'));
        return (
          !denies.some((rule) => describes(rule, question, way) && holds(rule, way, true)) &&
          (allows.length === 0 || allows.some((rule) => describes(rule, question, way) && holds(rule, way, false)))
        );
      }),
    );
  return all.filter(mayPass).map(({ provider }) => String(provider));
}

function describes(rule: Rule<Facts>, { model, name, snapshot, ip }: Asked, { provider, price }: Way): boolean {
  const isDeny = rule.type.startsWith('deny');
  if ('cidrs' in rule)
    return rule.cidrs.some((cidr) => {
      if (cidr === '10.0.0.0/8') return ip?.startsWith('10.');
      return cidr === '::1' ? ip === '::1' : ip?.startsWith('10.1.');
    });
  const written = (pattern: string) => (isDeny ? pattern.toLowerCase() : pattern);
  if ('providers' in rule) return rule.providers.some((pattern) => matchesWildcard(written(pattern), String(provider)));
  if ('pricing' in rule) return isMeant(rule.pricing, price, isDeny);
  return rule.models.map(written).some((pattern) => {
    const names = pattern.includes('*') && !isDeny ? [model] : [model, name, snapshot ?? model];
    const whole = pattern.includes('/') ? names.map((each) => `${provider}/${each}`) : [];
    return [...names, ...whole].some((each) => matchesWildcard(pattern, each));
  });
}

function isMeant({ tier, maxInput, maxOutput }: PriceRange, price: WayPrice | null, isDeny: boolean): boolean {
  const isFree = price?.free === true;
  const ofTier = tier === 'any' || (tier === 'free' ? isFree : !isFree);
  const aboveInput = maxInput !== null && (price === null || price.input > maxInput);
  const aboveOutput = maxOutput !== null && (price === null || price.output > maxOutput);
  if (!isDeny) return ofTier && !aboveInput && !aboveOutput;
  return ofTier && ((maxInput === null && maxOutput === null) || aboveInput || aboveOutput);
}

const runs = { numRuns: 2000 };

describe('a policy', () => {
  it('decides what the words of its rules say, way by way', () => {
    fc.assert(
      fc.property(sets, asked, ways, (sets, asked, ways) => {
        expect(left(sets, asked, ways)).toEqual(naive(sets, asked, ways));
      }),
      runs,
    );
  });

  it('only narrows: no further level, and no denial, lets more pass', () => {
    fc.assert(
      fc.property(sets, fc.nat(3), rule, asked, ways, (sets, at, more, asked, ways) => {
        const before = left(sets, asked, ways);
        for (const without of sets) {
          const fewer = sets.filter((set) => set !== without);
          expect(isWithin(before, left(fewer, asked, ways))).toBe(true);
        }
        const narrows = more.type.startsWith('deny') || more.status !== 'active';
        const added = sets.map((set, index) => (index === at ? { ...set, rules: [...set.rules, more] } : set));
        if (narrows) expect(isWithin(left(added, asked, ways), before)).toBe(true);
      }),
      runs,
    );
  });

  it('widens, within its level, by another entry of a list that is there', () => {
    fc.assert(
      fc.property(sets, fc.nat(3), rule, asked, ways, (sets, at, more, asked, ways) => {
        const { rules = [], level = 'key' } = sets[at] ?? {};
        const isThere = rules.some(({ type, status }) => status === 'active' && type === more.type);
        fc.pre(more.type.startsWith('allow') && more.status === 'active' && isThere);
        const before = left([{ level, rules }], asked, ways);
        expect(isWithin(before, left([{ level, rules: [...rules, more] }], asked, ways))).toBe(true);
      }),
      runs,
    );
  });

  it('lets nothing pass that any active denial describes', () => {
    fc.assert(
      fc.property(sets, fc.nat(3), rule, asked, ways, (sets, at, rule, asked, ways) => {
        const denial = { ...rule, status: 'active', condition: null } as Rule<Facts>;
        fc.pre(denial.type.startsWith('deny'));
        const added = sets.map((set, index) => (index === at ? { ...set, rules: [...set.rules, denial] } : set));
        const denied = ways.filter((way) => describes(denial, asked, way)).map(({ provider }) => String(provider));
        expect(left(added, asked, ways).filter((each) => denied.includes(each))).toEqual([]);
      }),
      runs,
    );
  });

  it('is the same in whatever order its rules and levels come, to the rule that decides', () => {
    const shuffled = sets.chain((sets) =>
      fc
        .tuple(
          fc.constant(sets),
          fc.tuple(...sets.map((set) => fc.shuffledSubarray([...set.rules], { minLength: set.rules.length }))),
          fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        )
        .map(
          ([sets, rules, order]) =>
            [sets, order.map((at) => ({ level: sets[at]?.level, rules: rules[at] }) as RuleSet<Facts>)] as const,
        ),
    );
    fc.assert(
      fc.property(shuffled, asked, ways, ([one, other], asked, ways) => {
        expect(evaluate(compile(other), asked, ways)).toEqual(evaluate(compile(one), asked, ways));
      }),
      runs,
    );
  });

  it('is the same in whatever order the ways come, to the rule that decides', () => {
    fc.assert(
      fc.property(sets, asked, ways, (sets, asked, ways) => {
        const [one, other] = [ways, [...ways].reverse()].map((all) => evaluate(compile(sets), asked, all));
        if (one?.decision === 'deny') return void expect(other).toEqual(one);
        expect(other).toEqual({ ...one, ways: [...(one?.ways ?? [])].reverse() });
      }),
      runs,
    );
  });

  it('reports an observed rule exactly where making it active would refuse the request', () => {
    fc.assert(
      fc.property(sets, asked, ways, (sets, asked, ways) => {
        const verdict = evaluate(compile(sets), asked, ways);
        fc.pre(verdict.decision === 'allow');
        const observed = sets.flatMap(({ rules }) => rules.filter(({ status }) => status === 'observe'));
        for (const { id, type } of observed) {
          // A list is tried as a whole: its observed entries of one level together.
          const isTried = (level: RuleSet<Facts>, rule: Rule<Facts>) =>
            rule.status === 'observe' &&
            (rule.id === id ||
              (type.startsWith('allow') && rule.type === type && level.rules.some((each) => each.id === id)));
          const tried = sets.map((set) => ({
            ...set,
            rules: set.rules.map((rule) => (isTried(set, rule) ? ({ ...rule, status: 'active' } as const) : rule)),
          }));
          expect([id, verdict.observed.includes(id)]).toEqual([id, left(tried, asked, ways).length === 0]);
        }
      }),
      runs,
    );
  });

  it('tells each step it takes, and the last one told is the one that decides', () => {
    fc.assert(
      fc.property(sets, asked, ways, (sets, asked, ways) => {
        const told: { level: string; subject: string; result: string; rule: string | null }[] = [];
        const verdict = evaluate(compile(sets), asked, ways, (stepped) => told.push(stepped));
        expect(told.slice(0, -1).every(({ result }) => result === 'pass')).toBe(true);
        if (verdict.decision === 'allow') expect(told.every(({ result }) => result === 'pass')).toBe(true);
        else expect(told.at(-1)).toMatchObject({ level: verdict.level, subject: verdict.subject, rule: verdict.rule });
      }),
      runs,
    );
  });
});
