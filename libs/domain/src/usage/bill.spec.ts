import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { billOf, needsCount, type Seen } from '#domain/usage/bill';
import type { ReadUsage } from '#domain/usage/read-usage';

const usage = (fields: Partial<ReadUsage> = {}): ReadUsage => ({
  input: 0,
  cachedInput: 0,
  cacheWrite: 0,
  cacheWriteHour: 0,
  output: 0,
  reasoning: 0,
  ...fields,
});
const seen = (fields: Partial<Seen> = {}): Seen => ({
  outcome: 'ok',
  status: 200,
  sent: true,
  usage: null,
  stated: null,
  hasText: false,
  ...fields,
});
const said = usage({ input: 9, cachedInput: 4, output: 5, reasoning: 2 });
const counted = { input: 7, output: 3 };

describe('what is billed', () => {
  it.each<[string, Partial<Seen>, ReadUsage, boolean]>([
    ['what the provider said', { usage: said }, said, false],
    ['a zero that it said', { usage: usage(), hasText: true }, usage(), false],
    ['what it said, whatever happened after', { usage: said, outcome: 'failed' }, said, false],
    ['what it said, also of one who left', { usage: said, outcome: 'aborted' }, said, false],
    ['what was counted, where it said nothing', { hasText: true }, usage({ input: 7, output: 3 }), true],
    [
      'the prompt of one who left before a word',
      { outcome: 'aborted', status: 0 },
      usage({ input: 7, output: 3 }),
      true,
    ],
    [
      'the text of a stream that broke, and what it had stated of the input',
      { outcome: 'failed', hasText: true, stated: usage({ input: 9, cachedInput: 4, output: 1 }) },
      usage({ input: 9, cachedInput: 4, output: 3 }),
      true,
    ],
    [
      'a stated output, where it is more than the text',
      { outcome: 'aborted', hasText: true, stated: usage({ input: 9, output: 8, reasoning: 6 }) },
      usage({ input: 9, output: 8, reasoning: 6 }),
      true,
    ],
    ['nothing for an error of the provider', { outcome: 'provider_error', status: 500 }, usage(), false],
    ['nothing for one whose client left', { outcome: 'aborted', status: 429 }, usage(), false],
    ['nothing where no answer came', { outcome: 'failed', status: 0 }, usage(), false],
    ['nothing where nothing was sent', { outcome: 'aborted', status: 0, sent: false }, usage(), false],
    ['nothing, with a doubt, for a failure before the first word', { outcome: 'failed' }, usage(), true],
    ['nothing, with a doubt, for an answer that cannot be read', { outcome: 'provider_error' }, usage(), true],
    ['nothing, with a doubt, also where an input was stated', { outcome: 'failed', stated: said }, usage(), true],
  ])('is %s', (_, fields, bill, estimated) => {
    const request = seen(fields);
    expect(billOf(request, counted)).toEqual({ usage: bill, estimated });
    // Nothing is counted in vain.
    if (!needsCount(request)) expect(billOf(request)).toEqual(billOf(request, { input: 99, output: 99 }));
  });

  it('is never negative, and never less for more text', () => {
    const tokens = fc.nat(1_000_000);
    const read = fc.record({
      input: tokens,
      cachedInput: tokens,
      cacheWrite: tokens,
      cacheWriteHour: tokens,
      output: tokens,
      reasoning: tokens,
    });
    const request = fc.record<Seen>({
      outcome: fc.constantFrom('ok', 'provider_error', 'failed', 'aborted'),
      status: fc.constantFrom(0, 200, 400, 429, 500),
      sent: fc.boolean(),
      usage: fc.option(read),
      stated: fc.option(read),
      hasText: fc.boolean(),
    });
    fc.assert(
      fc.property(request, tokens, tokens, tokens, tokens, (request, input, output, moreIn, moreOut) => {
        const less = billOf(request, { input, output }).usage;
        const more = billOf(request, { input: input + moreIn, output: output + moreOut }).usage;
        for (const name of Object.keys(less) as (keyof ReadUsage)[]) {
          expect(less[name]).toBeGreaterThanOrEqual(0);
          expect(more[name]).toBeGreaterThanOrEqual(less[name]);
        }
      }),
    );
  });
});
