import { describe, expect, it } from '@jest/globals';
import { parseMoney } from '#domain/money';
import { compile } from './compile.js';
import { evaluate } from './evaluate.js';
import type { Way } from './matcher.js';
import type { Level, Rule } from './rule.js';

const usd = (text: string): bigint => parseMoney(text) ?? 0n;
const rest = { status: 'active', condition: null } as const;

type Facts = { readonly tokens: number };
type Given = Partial<Record<Level, Rule<Facts>[]>>;

const allowModels = (...models: string[]): Rule<Facts> => ({ id: 'am', type: 'allow_models', models, ...rest });
const denyModels = (...models: string[]): Rule<Facts> => ({ id: 'dm', type: 'deny_models', models, ...rest });
const allowProviders = (...providers: string[]): Rule<Facts> => ({
  id: 'ap',
  type: 'allow_providers',
  providers,
  ...rest,
});
const denyProviders = (...providers: string[]): Rule<Facts> => ({
  id: 'dp',
  type: 'deny_providers',
  providers,
  ...rest,
});
const pricing = (
  type: 'allow_pricing' | 'deny_pricing',
  tier: 'free' | 'paid' | 'any',
  input?: string,
  output?: string,
): Rule<Facts> => ({
  id: type === 'allow_pricing' ? 'a$' : 'd$',
  type,
  pricing: { tier, maxInput: input ? usd(input) : null, maxOutput: output ? usd(output) : null },
  ...rest,
});
const ips = (type: 'allow_ips' | 'deny_ips', ...cidrs: string[]): Rule<Facts> => ({ id: 'ip', type, cidrs, ...rest });
const when = (rule: Rule<Facts>, condition: Rule<Facts>['condition']): Rule<Facts> => ({ ...rule, condition });
const as = (rule: Rule<Facts>, status: Rule<Facts>['status'], id = rule.id): Rule<Facts> => ({ ...rule, status, id });

/** gpt-4o is to be had at two providers, o1 at a dear one, echo for nothing, and of mystery nobody knows the price. */
const WAYS: Record<string, Way[]> = {
  'gpt-4o': [
    { provider: 'openai', price: { free: false, input: usd('2.5'), output: usd('10') } },
    { provider: 'azure', price: { free: false, input: usd('3'), output: usd('12') } },
  ],
  o1: [{ provider: 'openai', price: { free: false, input: usd('15'), output: usd('60') } }],
  echo: [{ provider: 'local', price: { free: true, input: 0n, output: 0n } }],
  mystery: [{ provider: 'local', price: null }],
};

const few = ({ tokens }: Facts) => tokens <= 100;
const broken = () => 'error' as const;

/** The table of the README, line by line: rules, what is asked for, what comes of it. */
const TABLE: [string, Given, string, string][] = [
  ['no rules at all', {}, 'gpt-4o', 'openai azure'],
  ['an allow list that has it', { key: [allowModels('gpt-4o')] }, 'gpt-4o', 'openai azure'],
  ['an allow list that has it by a wildcard', { key: [allowModels('gpt-4*')] }, 'gpt-4o', 'openai azure'],
  ['an allow list that has not', { key: [allowModels('o1')] }, 'gpt-4o', 'model_not_allowed am'],
  ['an empty allow list', { key: [allowModels()] }, 'gpt-4o', 'model_not_allowed am'],
  ['an empty deny list', { key: [denyModels()] }, 'gpt-4o', 'openai azure'],
  ['two allow lists: either', { key: [allowModels('o1'), as(allowModels('gpt-4o'), 'active', 'am2')] }, 'o1', 'openai'],
  ['allowed and denied', { key: [allowModels('gpt-4o'), denyModels('gpt-*')] }, 'gpt-4o', 'model_not_allowed dm'],
  [
    'allowed by the key, denied above',
    { organization: [denyModels('o1')], key: [allowModels('o1')] },
    'o1',
    'model_not_allowed dm',
  ],
  [
    'allowed above, not by the key',
    { project: [allowModels('*')], key: [allowModels('echo')] },
    'o1',
    'model_not_allowed am',
  ],
  ['a wildcard with the provider', { key: [allowModels('azure/*')] }, 'gpt-4o', 'azure'],
  ['a name with the provider', { key: [denyModels('openai/gpt-4o')] }, 'gpt-4o', 'azure'],
  ['a wildcard without / means no provider', { key: [allowModels('o*')] }, 'gpt-4o', 'model_not_allowed am'],
  ['a model nobody serves, no list', {}, 'gpt-99', ''],
  ['a model nobody serves, on the list', { key: [allowModels('gpt-99')] }, 'gpt-99', 'model_not_allowed am'],
  ['a model nobody serves, providers listed', { key: [allowProviders('*')] }, 'gpt-99', 'provider_not_allowed ap'],
  ['a model nobody serves, denied by name', { key: [denyModels('gpt-99')] }, 'gpt-99', 'model_not_allowed dm'],
  ['an alias, allowed by its name', { key: [allowModels('my-o1')] }, 'o1 as my-o1', 'openai'],
  ['an alias, allowed by a wildcard', { key: [allowModels('my-*')] }, 'o1 as my-o1', 'model_not_allowed am'],
  ['an alias, its model allowed', { key: [allowModels('o1')] }, 'o1 as my-o1', 'openai'],
  ['an alias, denied by a wildcard', { key: [denyModels('my-*')] }, 'o1 as my-o1', 'model_not_allowed dm'],
  ['an alias, its model denied', { key: [denyModels('o1')] }, 'o1 as my-o1', 'model_not_allowed dm'],
  ['a snapshot, denied by its name', { key: [denyModels('o1-05')] }, 'o1 of o1-05 as o1-05', 'model_not_allowed dm'],
  [
    'an alias of a snapshot, the snapshot denied',
    { key: [denyModels('o1-05')] },
    'o1 of o1-05 as my-o1',
    'model_not_allowed dm',
  ],
  ['… by a wildcard', { key: [denyModels('o1-*')] }, 'o1 of o1-05 as my-o1', 'model_not_allowed dm'],
  ['… at its provider', { key: [denyModels('openai/o1-05')] }, 'o1 of o1-05 as my-o1', 'model_not_allowed dm'],
  ['an alias of a snapshot, another one denied', { key: [denyModels('o1-06')] }, 'o1 of o1-05 as my-o1', 'openai'],
  ['an alias of a snapshot, the snapshot allowed', { key: [allowModels('o1-05')] }, 'o1 of o1-05 as my-o1', 'openai'],
  ['… by a wildcard', { key: [allowModels('o1-*')] }, 'o1 of o1-05 as my-o1', 'model_not_allowed am'],
  ['the model itself, a snapshot of it denied', { key: [denyModels('o1-05')] }, 'o1', 'openai'],
  ['the model itself, only a snapshot of it allowed', { key: [allowModels('o1-05')] }, 'o1', 'model_not_allowed am'],
  ['denied in other letters', { key: [denyModels('GPT-4O')] }, 'gpt-4o', 'model_not_allowed dm'],
  ['denied by a wildcard in other letters', { key: [denyModels('Gpt-*')] }, 'gpt-4o', 'model_not_allowed dm'],
  ['allowed in other letters', { key: [allowModels('GPT-4O')] }, 'gpt-4o', 'model_not_allowed am'],
  [
    'its provider denied in other letters',
    { key: [denyProviders('OpenAI', 'A*')] },
    'gpt-4o',
    'provider_not_allowed dp',
  ],
  ['its provider allowed in other letters', { key: [allowProviders('OpenAI')] }, 'gpt-4o', 'provider_not_allowed ap'],
  ['some of its providers allowed', { key: [allowProviders('azure')] }, 'gpt-4o', 'azure'],
  ['some of its providers denied', { key: [denyProviders('openai')] }, 'gpt-4o', 'azure'],
  ['all of its providers denied', { key: [denyProviders('openai', 'a*')] }, 'gpt-4o', 'provider_not_allowed dp'],
  [
    'each level leaves another one',
    { project: [allowProviders('azure')], key: [allowProviders('openai')] },
    'gpt-4o',
    'provider_not_allowed ap',
  ],
  [
    'types bind together',
    { key: [allowModels('gpt-4o'), allowProviders('local')] },
    'gpt-4o',
    'provider_not_allowed ap',
  ],
  ['only free, and it is', { key: [pricing('allow_pricing', 'free')] }, 'echo', 'local'],
  ['only free, and it is not', { key: [pricing('allow_pricing', 'free')] }, 'o1', 'pricing_not_allowed a$'],
  ['only free, unpriced', { key: [pricing('allow_pricing', 'free')] }, 'mystery', 'pricing_not_allowed a$'],
  ['only paid, unpriced', { key: [pricing('allow_pricing', 'paid')] }, 'mystery', 'local'],
  ['at most, unpriced', { key: [pricing('allow_pricing', 'any', '999')] }, 'mystery', 'pricing_not_allowed a$'],
  ['at most so much for input: exactly', { key: [pricing('allow_pricing', 'any', '2.5')] }, 'gpt-4o', 'openai'],
  [
    'at most so much for output',
    { key: [pricing('allow_pricing', 'any', undefined, '9')] },
    'gpt-4o',
    'pricing_not_allowed a$',
  ],
  ['nothing that is paid', { key: [pricing('deny_pricing', 'paid')] }, 'mystery', 'pricing_not_allowed d$'],
  ['nothing that is free', { key: [pricing('deny_pricing', 'free')] }, 'mystery', 'local'],
  ['nothing above a price', { key: [pricing('deny_pricing', 'any', '2.5')] }, 'gpt-4o', 'openai'],
  ['from an address of the list', { key: [ips('allow_ips', '192.0.2.0/24')] }, 'o1', 'openai'],
  ['from another address', { key: [ips('allow_ips', '198.51.100.0/24')] }, 'o1', 'permission_denied ip'],
  ['from a denied address', { key: [ips('deny_ips', '192.0.2.7')] }, 'o1', 'permission_denied ip'],
  ['from nobody knows where', { key: [ips('allow_ips', '0.0.0.0/0')] }, 'o1 from nowhere', 'permission_denied ip'],
  [
    'addresses are asked before models',
    { key: [ips('allow_ips', '10.0.0.0/8'), denyModels('*')] },
    'o1',
    'permission_denied ip',
  ],
  ['an inactive rule', { key: [as(denyModels('*'), 'inactive')] }, 'o1', 'openai'],
  ['an observed denial', { key: [as(denyModels('*'), 'observe')] }, 'o1', 'openai (dm)'],
  ['an observed denial of a part', { key: [as(denyProviders('azure'), 'observe')] }, 'gpt-4o', 'openai azure'],
  ['an observed list that has not got it', { key: [as(allowModels('echo'), 'observe')] }, 'o1', 'openai (am)'],
  [
    'an observed list beside an active one',
    { key: [as(allowModels('echo'), 'observe', 'am2'), allowModels('o1')] },
    'o1',
    'openai',
  ],
  ['allowed under a condition that holds', { key: [when(allowModels('*'), few)] }, 'o1 with 100', 'openai'],
  ['under one that does not', { key: [when(allowModels('*'), few)] }, 'o1 with 101', 'condition_not_met am'],
  ['under one that fails', { key: [when(allowModels('*'), broken)] }, 'o1 with 1', 'condition_not_met am'],
  [
    'under one that fails, and by another rule',
    { key: [when(allowModels('*'), broken), as(allowModels('o1'), 'active', 'am2')] },
    'o1 with 1',
    'openai',
  ],
  ['denied under a condition that holds', { key: [when(denyModels('o1'), few)] }, 'o1 with 1', 'condition_not_met dm'],
  ['denied under one that does not', { key: [when(denyModels('o1'), few)] }, 'o1 with 101', 'openai'],
  ['denied under one that fails', { key: [when(denyModels('o1'), broken)] }, 'o1 with 1', 'condition_not_met dm'],
  [
    'denied with and without a condition',
    { key: [when(as(denyModels('o1'), 'active', 'a'), few), denyModels('o1')] },
    'o1 with 1',
    'model_not_allowed dm',
  ],
  ['a condition of a rule about something else', { key: [when(denyModels('gpt-*'), broken)] }, 'o1 with 1', 'openai'],
  [
    'without facts a condition is not in the way',
    { key: [when(allowModels('*'), broken), when(denyModels('*'), () => true)] },
    'o1',
    'openai',
  ],
];

describe('rules', () => {
  it.each(TABLE)('%s', (_, given, asked, expected) => {
    const [, model = '', snapshot = null, name = model, from, tokens] =
      /^(\S+)(?: of (\S+))?(?: as (\S+))?(?: from (\S+))?(?: with (\d+))?$/.exec(asked) ?? [];
    const sets = Object.entries(given).map(([level, rules]) => ({ level: level as Level, rules }));
    const question = {
      model,
      name,
      snapshot,
      ip: from === 'nowhere' ? null : '192.0.2.7',
      factsOf: tokens === undefined ? null : () => ({ tokens: Number(tokens) }),
    };
    const verdict = evaluate(compile(sets), question, WAYS[model] ?? []);
    const said =
      verdict.decision === 'deny'
        ? `${verdict.code} ${verdict.rule}`
        : verdict.ways.map(({ provider }) => provider).join(' ') +
          (verdict.observed.length ? ` (${verdict.observed.join(' ')})` : '');
    expect(said).toBe(expected);
  });
});
