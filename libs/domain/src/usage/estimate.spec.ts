import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { capFields, inputBound, inputGuess, outputCap } from '#domain/usage/estimate';
import { type InputFacts, inputFactsOf } from '#domain/usage/input-facts';
import type { Endpoint } from '#domain/usage/read-usage';

const PLAIN: InputFacts = {
  images: 0,
  namesImages: false,
  base64Bytes: 0,
  hasTools: false,
  namesMore: false,
  writesForAnHour: false,
};
const factsOf = (call: object) => inputFactsOf(Buffer.from(JSON.stringify(call)));
const said = (content: unknown) => ({ model: 'm', messages: [{ role: 'user', content }] });
const picture = 'A'.repeat(4000);

describe('what a request tells of its input', () => {
  it.each<[string, object, Partial<InputFacts>]>([
    ['text alone', said('a file, a document, "image_url" and \\"previous_response_id\\": 1'), {}],
    [
      'a picture by its address',
      said([{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }]),
      { images: 1 },
    ],
    [
      'pictures inside',
      said([
        { type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } },
      ]),
      { images: 2, base64Bytes: 8000 },
    ],
    [
      'a picture for responses',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'https://example.com/a.png' }] }] },
      { images: 1, namesImages: true },
    ],
    [
      'a picture for responses that is kept at the provider',
      { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file-1' }] }] },
      { namesImages: true, namesMore: true },
    ],
    ['functions, as tools were called', { ...said('x'), functions: [{ name: 'f' }] }, { hasTools: true }],
    ['a search of the provider', { ...said('x'), web_search_options: {} }, { hasTools: true }],
    ['tools of somebody else', { ...said('x'), mcp_servers: [] }, { hasTools: true, namesMore: true }],
    ['sound', said([{ type: 'input_audio', input_audio: { data: picture, format: 'wav' } }]), { base64Bytes: 4000 }],
    ['tools', { ...said('x'), tools: [{ type: 'function', function: { name: 'f' } }] }, { hasTools: true }],
    [
      'a tool with a field called file',
      { ...said('x'), tools: [{ input_schema: { properties: { file: { type: 'string' } } } }] },
      { hasTools: true },
    ],
    ['an earlier answer', { input: 'x', previous_response_id: 'resp_1' }, { namesMore: true }],
    ['a file', said([{ type: 'file', file: { file_id: 'file-1' } }]), { namesMore: true }],
    [
      'a document',
      said([{ type: 'document', source: { type: 'base64', data: picture } }]),
      { namesMore: true, base64Bytes: 4000 },
    ],
    ['a kept prompt', { prompt: { id: 'pmpt_1' } }, { namesMore: true }],
    ['a prompt that is text', { prompt: 'x' }, {}],
    ['a search', { ...said('x'), tools: [{ type: 'web_search_20250305' }] }, { hasTools: true, namesMore: true }],
    [
      'a place in the cache for an hour',
      said([{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }]),
      { writesForAnHour: true },
    ],
  ])('%s', (_, call, facts) => {
    expect(factsOf(call)).toEqual({ ...PLAIN, ...facts });
  });

  it('is found with blanks, and where its letters are hidden', () => {
    expect(inputFactsOf(Buffer.from('{"previous_response_id" : "r"}')).namesMore).toBe(true);
    expect(inputFactsOf(Buffer.from('{"previous\\u005fresponse_id":"r"}')).namesMore).toBe(true);
    expect(inputFactsOf(Buffer.from('{"im\\u0061ge_url":"r"}')).images).toBe(1);
    // As they are written for pages, and by whoever keeps to ASCII.
    expect(inputFactsOf(Buffer.from('{"a":"\\u003cb\\u003e \\u00e9 \\u4e2d \\u0026"}')).namesMore).toBe(false);
  });
});

describe('the bound of the input', () => {
  it('is its bytes and some, and never more than the model can read', () => {
    expect(inputBound(1000, PLAIN, 'chat', null)).toBe(1064);
    expect(inputBound(1000, PLAIN, 'chat', 800)).toBe(800);
    expect(inputBound(1000, { ...PLAIN, hasTools: true }, 'chat', null)).toBe(5160);
    expect(inputBound(1000, { ...PLAIN, images: 2 }, 'messages', null)).toBe(101_064);
  });

  it('of several texts in one is not bound by what the model can read at once', () => {
    expect(inputBound(1000, PLAIN, 'embeddings', 800)).toBe(1064);
    expect(inputBound(1000, PLAIN, 'completions', 800)).toBe(1064);
  });

  it('of what is only named is what the model can read', () => {
    expect(inputBound(1000, { ...PLAIN, namesMore: true }, 'responses', 128_000)).toBe(128_000);
    expect(inputBound(1000, { ...PLAIN, namesMore: true }, 'responses', null)).toBe(2_000_000);
  });

  it('is never less than the guess of a body without pictures', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(10_000_000), (bytes, base64Bytes) => {
        const facts = { ...PLAIN, base64Bytes };
        const guess = inputGuess(bytes, facts);
        expect(guess).toBeGreaterThanOrEqual(0);
        expect(guess).toBeLessThanOrEqual(inputBound(bytes, facts, 'chat', null));
      }),
    );
  });

  it('guesses four bytes a token, and pictures by their number and not by their size', () => {
    expect(inputGuess(4000, PLAIN)).toBe(1000);
    expect(inputGuess(5_000_400, { ...PLAIN, images: 1, base64Bytes: 5_000_000 })).toBe(1100);
  });
});

const fields = (call: Record<string, unknown>) => new Map(Object.entries(call));

describe('the cap of the output', () => {
  it.each<[Endpoint, Record<string, unknown>, number | null, number]>([
    ['chat', {}, null, 1],
    ['chat', { max_tokens: 5 }, 5, 1],
    ['chat', { max_completion_tokens: 7, n: 3 }, 7, 3],
    ['chat', { max_completion_tokens: 7, max_tokens: 9 }, 9, 1],
    ['chat', { max_completion_tokens: null, max_tokens: 9 }, 9, 1],
    ['chat', { max_tokens: '9' }, null, 1],
    ['chat', { max_tokens: -1 }, null, 1],
    ['chat', { max_tokens: 1.5 }, null, 1],
    ['chat', { max_tokens: 5, max_completion_tokens: 'many' }, null, 1],
    ['chat', { max_tokens: 0, n: '4' }, 0, 4],
    ['chat', { n: -5 }, null, 1],
    ['chat', { n: 'x' }, null, 1],
    ['chat', { best_of: 5 }, null, 1],
    ['completions', { max_tokens: 5, n: 2, best_of: 5 }, 5, 5],
    ['completions', { max_tokens: 5, prompt: ['a', 'b', 'c'] }, 5, 3],
    ['completions', { max_tokens: 5, n: 2, prompt: [[1, 2], [3]] }, 5, 4],
    ['completions', { max_tokens: 5, prompt: [1, 2, 3] }, 5, 1],
    ['completions', { max_tokens: 5, prompt: [] }, 5, 1],
    ['chat', { max_tokens: 5, prompt: ['a', 'b'] }, 5, 1],
    ['responses', { max_output_tokens: 5, max_tokens: 9 }, 5, 1],
    ['messages', { max_tokens: 5 }, 5, 1],
    ['embeddings', { max_tokens: 5 }, 0, 1],
  ])('of %s %j is %j for %d answers', (endpoint, call, tokens, choices) => {
    expect(outputCap(fields(call), endpoint)).toEqual({ tokens, choices });
  });

  it.each<[Endpoint, Record<string, unknown>, string, string[]]>([
    ['chat', {}, 'openai', ['max_completion_tokens']],
    ['chat', {}, 'backup', ['max_tokens']],
    ['chat', { max_tokens: 5 }, 'openai', ['max_tokens']],
    ['chat', { max_tokens: 5, max_completion_tokens: 5 }, 'openai', ['max_completion_tokens', 'max_tokens']],
    ['completions', {}, 'openai', ['max_tokens']],
    ['responses', {}, 'openai', ['max_output_tokens']],
    ['messages', {}, 'anthropic', ['max_tokens']],
    ['embeddings', {}, 'openai', []],
  ])('of %s %j for %s is set with %j', (endpoint, call, provider, names) => {
    expect(capFields(fields(call), endpoint, provider)).toEqual(names);
  });

  it('that is set is the one that is read', () => {
    const endpoints = fc.constantFrom<Endpoint>('chat', 'completions', 'responses', 'messages');
    const call = fc.dictionary(
      fc.constantFrom('max_tokens', 'max_completion_tokens', 'max_output_tokens'),
      fc.oneof(fc.nat(), fc.constantFrom(null, 'x', -1)),
    );
    fc.assert(
      fc.property(endpoints, call, fc.nat(), (endpoint, call, cap) => {
        const capped = fields(call);
        for (const name of capFields(capped, endpoint, 'openai')) capped.set(name, cap);
        expect(outputCap(capped, endpoint).tokens).toBe(cap);
      }),
    );
  });
});
