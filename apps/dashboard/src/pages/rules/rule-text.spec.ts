import { describe, expect, it } from '@jest/globals';
import type { NewRule } from '../../api/rules.js';
import { sentenceOf, wouldHaveRefused } from './rule-text.js';

const every = { status: 'active', condition: null } as const;
const price = { tier: 'any', max_input_price: null, max_output_price: null } as const;

it.each([
  [undefined, 'not counted at the moment'],
  [{ last_day: 0, last_7_days: 0 }, 'would have refused nothing in 7 days'],
  [{ last_day: 1, last_7_days: 1200 }, 'would have refused 1 request in 24 hours, 1,200 in 7 days'],
])('a rule that only observes has counted: %j', (counted, sentence) => {
  expect(wouldHaveRefused(counted && { rule_id: 'rul', ...counted })).toBe(sentence);
});

describe('a rule, read aloud', () => {
  it.each([
    [{ type: 'allow_models', models: ['gpt-4o*', 'echo'], ...every }, 'Only the models gpt-4o*, echo'],
    [{ type: 'allow_models', models: [], ...every }, 'Allows nothing'],
    [{ type: 'deny_providers', providers: ['acme'], ...every }, 'Not the providers acme'],
    [{ type: 'deny_ips', cidrs: [], ...every }, 'Stops nothing'],
    [{ type: 'allow_pricing', pricing: { ...price, tier: 'free' }, ...every }, 'Only free models'],
    [
      { type: 'allow_pricing', pricing: { ...price, max_input_price: '3', max_output_price: '15' }, ...every },
      'Only models of at most 3 in and at most 15 out a million tokens',
    ],
    [
      { type: 'deny_pricing', pricing: { ...price, max_output_price: '15' }, ...every },
      'Not models of above 15 out a million tokens',
    ],
    [
      { type: 'deny_models', models: ['echo'], status: 'active', condition: 'request.stream' },
      'Not the models echo, where request.stream',
    ],
  ] as const)('%j', (rule, sentence) => {
    expect(sentenceOf(structuredClone(rule) as NewRule)).toBe(sentence);
  });
});
