import { describe, expect, it } from '@jest/globals';
import { emptyOf, fieldsOf, mayBeNothing, type RuleFields, ruleOf } from './rule-form.js';

const fields = (some: Partial<RuleFields>): RuleFields => ({ ...fieldsOf(null), ...some });

describe('a rule as it is filled in', () => {
  it.each([
    [{ subject: 'models' }, { models: 'Name at least one model.' }],
    [{ subject: 'models', models: ['gpt-4o*'] }, {}],
    [{ subject: 'providers', models: ['gpt-4o*'] }, { providers: 'Name at least one provider.' }],
    [{ subject: 'ips', effect: 'deny' }, { cidrs: 'Name at least one address.' }],
    [{ subject: 'pricing' }, { tier: 'Choose free or paid, or enter a price.' }],
    [{ subject: 'pricing', tier: 'free' }, {}],
    [{ subject: 'pricing', max_input_price: '1' }, {}],
    [{ subject: 'models', nothing: true }, {}],
    [{ subject: 'models', nothing: true, effect: 'deny' }, { models: 'Name at least one model.' }],
  ] as const)('%j lacks %j', (some, lacking) => {
    expect(emptyOf(fields(some as Partial<RuleFields>))).toEqual(lacking);
  });

  it('that allows nothing is one where that is meant, and can be edited as what it is', () => {
    const rule = ruleOf(fields({ subject: 'ips', cidrs: ['192.0.2.1'], nothing: true }), null);
    expect(rule).toMatchObject({ type: 'allow_ips', cidrs: [] });
    expect(emptyOf(fieldsOf(rule))).toEqual({});
    expect(mayBeNothing(fields({ effect: 'deny' }))).toBe(false);
  });

  it('has its prices as the contract knows them, and leaves what nobody understands', () => {
    const written = fields({ subject: 'pricing', max_input_price: '1,000.50', max_output_price: '10,50' });
    expect(ruleOf(written, null)).toMatchObject({
      pricing: { max_input_price: '1000.50', max_output_price: '10,50' },
    });
  });
});
