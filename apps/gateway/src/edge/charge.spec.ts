import { describe, expect, it } from '@jest/globals';
import type { UsableKey } from '#contracts/keys';
import { parseMoney } from '#domain/money';
import type { Route } from '#policy/known-models';
import type { Profile } from '#runtime/profiles';
import { chargeFor as chargeAt, tariffOf } from './charge.js';

const usd = (text: string) => parseMoney(text) ?? 0n;
const at = (input: string, output: string) => ({ input: usd(input), cachedInput: usd(input), output: usd(output) });
const routeAt = (...prices: Route['prices']) => ({ prices, currency: 'USD' }) as Route;
const route = routeAt({ from: null, price: at('1', '2') });
const bill = {
  usage: { input: 1000, cachedInput: 0, cacheWrite: 10, cacheWriteHour: 0, output: 500, reasoning: 20 },
  estimated: false,
};
const rupees = { name: 'rupees', usdRate: '88.5' } as Profile;
const admitted = Date.parse('2026-03-01T10:30:00Z');

const key = (fields: Partial<UsableKey>) =>
  ({
    currency: 'USD',
    spend_epoch: 3,
    budget: null,
    recurring_limit: null,
    recurring_since: null,
    project_budget: null,
    project_recurring_limit: null,
    project_recurring_since: null,
    project_spend_epoch: 1,
    prepaid: false,
    ...fields,
  }) as UsableKey;

function chargeFor(...[key, route, profile, at]: Parameters<typeof tariffOf>) {
  return chargeAt(key, tariffOf(key, route, profile, at), at);
}

describe('the charge of a call', () => {
  it('is in dollars where the key counts in dollars, whatever the rate', () => {
    expect(chargeFor(key({}), route, rupees, admitted)(bill)).toEqual({
      input_tokens: 1000,
      cached_input_tokens: 0,
      cache_write_tokens: 10,
      output_tokens: 500,
      reasoning_tokens: 20,
      estimated: false,
      unpriced: false,
      cost_nanos: String(usd('0.002')),
      currency: 'USD',
      spend_epoch: 3,
      window_start: null,
      project_spend_epoch: 1,
      project_window_start: null,
      prepaid: false,
    });
  });

  it('is converted at the rate of the profile where it counts in another currency', () => {
    const charge = chargeFor(key({ currency: 'INR' }), route, rupees, admitted)(bill);
    expect(charge).toMatchObject({ cost_nanos: String(usd('0.177')), currency: 'INR' });
  });

  it.each([undefined, { name: 'broken', usdRate: 'x' } as Profile])(
    'that cannot be converted is refused before anything is sent: %j',
    (profile) => {
      expect(() => chargeFor(key({ currency: 'INR' }), route, profile, admitted)).toThrow(
        expect.objectContaining({ code: 'service_unavailable' }),
      );
    },
  );

  it('counts towards the window in which the call was admitted', () => {
    const recurring = key({
      recurring_limit: { amount: '10.00', every: 1, unit: 'hour' },
      recurring_since: Date.parse('2026-03-01T08:15:00Z'),
    });
    expect(chargeFor(recurring, route, rupees, admitted)(bill)).toMatchObject({
      window_start: '2026-03-01T10:15:00.000Z',
      project_window_start: null,
    });
    const shared = key({
      project_recurring_limit: { amount: '10.00', every: 1, unit: 'day' },
      project_recurring_since: Date.parse('2026-02-01T08:15:00Z'),
    });
    expect(chargeFor(shared, route, rupees, admitted)(bill)).toMatchObject({
      window_start: null,
      project_window_start: '2026-03-01T08:15:00.000Z',
    });
  });

  it('is at the price of the moment the call was admitted', () => {
    const repriced = routeAt({ from: null, price: at('1', '2') }, { from: admitted, price: at('10', '20') });
    expect(chargeFor(key({}), repriced, rupees, admitted - 1)(bill)).toMatchObject({
      cost_nanos: String(usd('0.002')),
    });
    expect(chargeFor(key({}), repriced, rupees, admitted)(bill)).toMatchObject({ cost_nanos: String(usd('0.02')) });
  });

  it.each([
    { budget: '5.00' },
    { recurring_limit: { amount: '10.00', every: 1, unit: 'hour' as const }, recurring_since: 0 },
    { project_budget: '5.00' },
    { prepaid: true },
  ])('that nobody knows is refused where it would count towards a limit: %j', (limit) => {
    const unpriced = routeAt();
    expect(() => chargeFor(key(limit), unpriced, rupees, admitted)).toThrow(
      expect.objectContaining({ code: 'model_unpriced' }),
    );
    expect(chargeFor(key({}), unpriced, rupees, admitted)(bill)).toMatchObject({ cost_nanos: '0', unpriced: true });
  });

  it('of a free model is nothing, and no limit minds', () => {
    const free = routeAt({ from: null, price: at('0', '0') });
    expect(chargeFor(key({ budget: '5.00' }), free, rupees, admitted)(bill)).toMatchObject({
      cost_nanos: '0',
      unpriced: false,
    });
  });

  it('says whose word the usage is', () => {
    expect(chargeFor(key({}), route, rupees, admitted)({ ...bill, estimated: true })).toMatchObject({
      estimated: true,
    });
  });
});
