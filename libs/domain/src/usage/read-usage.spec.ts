import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Dialect, type Endpoint, type ReadUsage, readUsage } from '#domain/usage/read-usage';

const NOTHING: ReadUsage = { input: 0, cachedInput: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0, reasoning: 0 };

const OPENAI: Array<[name: string, endpoint: Endpoint, usage: unknown, read: Partial<ReadUsage> | null]> = [
  [
    'everything a chat can say',
    'chat',
    {
      prompt_tokens: 100,
      completion_tokens: 30,
      total_tokens: 130,
      prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 20, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 12, audio_tokens: 0 },
    },
    { input: 100, cachedInput: 64, cacheWrite: 20, output: 30, reasoning: 12 },
  ],
  ['no details', 'chat', { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }, { input: 7, output: 3 }],
  [
    'details that are null',
    'chat',
    { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: null },
    { input: 7, output: 3 },
  ],
  ['an explicit zero', 'chat', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, {}],
  ['an output of zero', 'completions', { prompt_tokens: 5, completion_tokens: 0 }, { input: 5 }],
  ['an output only the total knows', 'completions', { prompt_tokens: 5, total_tokens: 9 }, { input: 5, output: 4 }],
  [
    'thought that is in the total only, told apart',
    'chat',
    {
      prompt_tokens: 12,
      completion_tokens: 1,
      total_tokens: 399,
      completion_tokens_details: { reasoning_tokens: 386 },
    },
    { input: 12, output: 387, reasoning: 386 },
  ],
  [
    'thought that is in the total only',
    'chat',
    { prompt_tokens: 12, completion_tokens: 1, total_tokens: 20 },
    { input: 12, output: 8 },
  ],
  [
    'a total that is too small',
    'chat',
    { prompt_tokens: 12, completion_tokens: 5, total_tokens: 3 },
    { input: 12, output: 5 },
  ],
  ['embeddings', 'embeddings', { prompt_tokens: 8, total_tokens: 8 }, { input: 8 }],
  ['embeddings have no output, whatever the total', 'embeddings', { prompt_tokens: 8, total_tokens: 9 }, { input: 8 }],
  [
    'responses',
    'responses',
    {
      input_tokens: 36,
      input_tokens_details: { cached_tokens: 6, cache_write_tokens: 0 },
      output_tokens: 87,
      output_tokens_details: { reasoning_tokens: 50 },
      total_tokens: 123,
    },
    { input: 36, cachedInput: 6, output: 87, reasoning: 50 },
  ],
  [
    'more cached than input',
    'chat',
    { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } },
    { input: 5, cachedInput: 5, output: 1 },
  ],
  [
    'more cached and written than input',
    'chat',
    { prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 6, cache_write_tokens: 6 } },
    { input: 9, cachedInput: 6, cacheWrite: 3, output: 1 },
  ],
  [
    'details that make no sense',
    'chat',
    { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: -1 } },
    { input: 5, output: 1 },
  ],
  ['no usage', 'chat', undefined, null],
  ['a usage of null', 'chat', null, null],
  ['an empty usage', 'chat', {}, null],
  ['a usage that is a text', 'chat', 'none', null],
  ['no output and no total', 'chat', { prompt_tokens: 5 }, null],
  ['no input', 'chat', { completion_tokens: 5 }, null],
  ['a negative count', 'chat', { prompt_tokens: -1, completion_tokens: 5 }, null],
  ['half a token', 'chat', { prompt_tokens: 1.5, completion_tokens: 5 }, null],
  ['a count in letters', 'chat', { prompt_tokens: '7', completion_tokens: 5 }, null],
  ['a count beyond counting', 'chat', { prompt_tokens: 1e300, completion_tokens: 5 }, null],
  ['the names of responses in a chat', 'chat', { input_tokens: 5, output_tokens: 5 }, null],
  ['the names of a chat in responses', 'responses', { prompt_tokens: 5, completion_tokens: 5 }, null],
];

const ANTHROPIC: Array<[name: string, usage: unknown, read: Partial<ReadUsage> | null]> = [
  [
    'the cached input beside the rest of it',
    { input_tokens: 10, cache_creation_input_tokens: 200, cache_read_input_tokens: 3000, output_tokens: 42 },
    { input: 3210, cachedInput: 3000, cacheWrite: 200, output: 42 },
  ],
  [
    'what stays in the cache for an hour',
    {
      input_tokens: 10,
      cache_creation_input_tokens: 200,
      cache_creation: { ephemeral_5m_input_tokens: 50, ephemeral_1h_input_tokens: 150 },
      output_tokens: 42,
    },
    { input: 210, cacheWrite: 200, cacheWriteHour: 150, output: 42 },
  ],
  [
    'more for an hour than was written',
    {
      input_tokens: 1,
      cache_creation_input_tokens: 2,
      cache_creation: { ephemeral_1h_input_tokens: 9 },
      output_tokens: 1,
    },
    { input: 3, cacheWrite: 2, cacheWriteHour: 2, output: 1 },
  ],
  [
    'no cache',
    { input_tokens: 10, output_tokens: 1, cache_creation_input_tokens: null, cache_read_input_tokens: null },
    { input: 10, output: 1 },
  ],
  ['an explicit zero', { input_tokens: 0, output_tokens: 0 }, {}],
  ['no output', { input_tokens: 10 }, null],
  ['no input', { output_tokens: 10, cache_read_input_tokens: 5 }, null],
  [
    'a sum beyond counting',
    { input_tokens: Number.MAX_SAFE_INTEGER, cache_read_input_tokens: 1, output_tokens: 1 },
    null,
  ],
  ['no usage', undefined, null],
];

describe('the usage of an answer', () => {
  it.each(OPENAI)('in the dialect of OpenAI: %s', (_, endpoint, usage, read) => {
    expect(readUsage('openai', endpoint, { id: 'x', usage })).toEqual(read && { ...NOTHING, ...read });
  });

  it.each(ANTHROPIC)('in the dialect of Anthropic: %s', (_, usage, read) => {
    expect(readUsage('anthropic', 'messages', { id: 'x', usage })).toEqual(read && { ...NOTHING, ...read });
  });

  it.each([undefined, null, 'text', 7, [], [{ usage: {} }], { error: { message: 'no' } }])(
    'is not known of %j',
    (answer) => {
      expect(readUsage('openai', 'chat', answer)).toBeNull();
      expect(readUsage('anthropic', 'messages', answer)).toBeNull();
    },
  );

  it('is in whole numbers and its parts are never more than the whole, whatever a provider says', () => {
    const value = fc.oneof(fc.nat(), fc.integer(), fc.double(), fc.string(), fc.constantFrom(null, undefined, true, 0));
    const details = fc.record({ cached_tokens: value, cache_write_tokens: value, reasoning_tokens: value });
    const usage = fc.record({
      prompt_tokens: value,
      completion_tokens: value,
      input_tokens: value,
      output_tokens: value,
      total_tokens: value,
      cache_read_input_tokens: value,
      cache_creation_input_tokens: value,
      cache_creation: fc.record({ ephemeral_1h_input_tokens: value }),
      prompt_tokens_details: fc.oneof(details, value),
      completion_tokens_details: fc.oneof(details, value),
      input_tokens_details: fc.oneof(details, value),
    });
    const asked = fc.constantFrom<[Dialect, Endpoint]>(
      ['openai', 'chat'],
      ['openai', 'embeddings'],
      ['openai', 'responses'],
      ['anthropic', 'messages'],
    );
    fc.assert(
      fc.property(asked, usage, ([dialect, endpoint], usage) => {
        const read = readUsage(dialect, endpoint, { usage });
        if (!read) return;
        for (const tokens of Object.values(read)) {
          expect(Number.isSafeInteger(tokens)).toBe(true);
          expect(tokens).toBeGreaterThanOrEqual(0);
        }
        expect(read.cachedInput + read.cacheWrite).toBeLessThanOrEqual(read.input);
        expect(read.cacheWriteHour).toBeLessThanOrEqual(read.cacheWrite);
        expect(read.reasoning).toBeLessThanOrEqual(read.output);
      }),
    );
  });

  it('comes to the same in every dialect', () => {
    const parts = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat());
    fc.assert(
      fc.property(parts, ([plain, cachedInput, cacheWrite, output]) => {
        const input = plain + cachedInput + cacheWrite;
        const details = { cached_tokens: cachedInput, cache_write_tokens: cacheWrite };
        const expected = { input, cachedInput, cacheWrite, cacheWriteHour: 0, output, reasoning: 0 };
        const chat = { prompt_tokens: input, completion_tokens: output, prompt_tokens_details: details };
        const responses = { input_tokens: input, output_tokens: output, input_tokens_details: details };
        const messages = {
          input_tokens: plain,
          cache_read_input_tokens: cachedInput,
          cache_creation_input_tokens: cacheWrite,
          output_tokens: output,
        };
        expect(readUsage('openai', 'chat', { usage: chat })).toEqual(expected);
        expect(readUsage('openai', 'responses', { usage: responses })).toEqual(expected);
        expect(readUsage('anthropic', 'messages', { usage: messages })).toEqual(expected);
      }),
    );
  });
});
