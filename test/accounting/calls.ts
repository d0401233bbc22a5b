import fc from 'fast-check';
import type { Scenario, Tokens } from '../fake-upstream/scenario.js';

/** Nanos for one token: whole numbers, so that what a call costs can be told without rounding. */
interface Rates {
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  readonly output: bigint;
}

interface Priced {
  readonly dialect: 'openai' | 'anthropic';
  readonly rates: Rates;
}

export const MODELS = {
  small: { dialect: 'openai', rates: { input: 1000n, cachedInput: 500n, cacheWrite: 1000n, output: 2000n } },
  large: { dialect: 'openai', rates: { input: 2500n, cachedInput: 250n, cacheWrite: 3000n, output: 10_000n } },
  poet: { dialect: 'anthropic', rates: { input: 3000n, cachedInput: 300n, cacheWrite: 3750n, output: 15_000n } },
} as const satisfies Record<string, Priced>;

export type Model = keyof typeof MODELS;

const DOORS = {
  '/v1/chat/completions': { body: { messages: [{ role: 'user', content: 'one two three' }] }, streams: true },
  '/v1/completions': { body: { prompt: 'one two three' }, streams: true },
  '/v1/responses': { body: { input: 'one two three' }, streams: true },
  '/v1/embeddings': { body: { input: ['one', 'two three'] }, streams: false },
  '/v1/generate': { body: { prompt: 'one two three' }, streams: false },
  '/v1/messages': {
    body: { max_tokens: 100, messages: [{ role: 'user', content: 'one two three' }] },
    streams: true,
  },
} as const;

type Door = keyof typeof DOORS;

/** How a call goes: what its provider does, and what its client does. */
interface Way {
  readonly name: string;
  readonly scenario: Scenario;
  /** The client reads to the end, or leaves when the provider has the request, or when the first bytes are there. */
  readonly leaves?: 'waiting' | 'reading';
}

export interface PlannedCall extends Way {
  readonly model: Model;
  readonly door: Door;
  readonly body: object;
}

const tokens = fc.tuple(fc.nat(5000), fc.nat(5000), fc.nat(5000), fc.nat(5000), fc.nat(800), fc.nat(800)).map(
  ([plain, cachedInput, cacheWrite, hour, said, reasoning]): Tokens => ({
    input: plain + cachedInput + cacheWrite,
    cachedInput,
    cacheWrite,
    cacheWriteHour: hour % (cacheWrite + 1),
    output: said + reasoning,
    reasoning,
  }),
);

const ZERO: Tokens = { input: 0, cachedInput: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0, reasoning: 0 };

/** However it is cut, and whatever stands between its frames. */
const manner = fc.record(
  {
    chunks: fc.nat(12),
    chunkBytes: fc.integer({ min: 1, max: 60 }),
    sse: fc.constantFrom('plain', 'crlf', 'commented'),
    framing: fc.constantFrom('length', 'chunked'),
  },
  { requiredKeys: [] },
);

function way(name: string, scenario: Scenario, leaves?: Way['leaves']): Way {
  return { name, scenario, leaves };
}

const ways: fc.Arbitrary<Way> = fc.oneof(
  { weight: 10, arbitrary: fc.constant(way('a good day', {})) },
  fc.constant(way('an explicit zero', { usage: ZERO })),
  fc.constant(way('no usage', { fault: 'no-usage' })),
  fc.constant(way('a frame that is none', { fault: 'malformed-sse' })),
  fc.constant(way('an error in the stream', { fault: 'error-in-stream' })),
  fc.constant(way('an error before the first word', { fault: 'error-in-stream', faultAfterChunks: 0 })),
  fc.constant(way('cut between frames', { fault: 'cut-mid-stream' })),
  fc.constant(way('cut in a frame', { fault: 'cut-mid-body' })),
  fc.constant(way('cut before it began', { fault: 'cut-before-headers' })),
  fc.constantFrom(400, 404, 429, 500, 503).map((status) => way(`a ${status}`, { status })),
  fc.constant(way('a client that waits no longer', { fault: 'hang' }, 'waiting')),
  fc.constant(way('a client that leaves', { fault: 'hang-mid-stream', chunks: 6, faultAfterChunks: 3 }, 'reading')),
);

const doors = fc.constantFrom(...(Object.keys(DOORS) as Door[]));

const call = fc
  .record<Asked>({
    door: doors,
    way: ways,
    tokens,
    manner,
    model: fc.constantFrom('small', 'large'),
    stream: fc.boolean(),
    asksForUsage: fc.boolean(),
  })
  .map(planned);

interface Asked {
  readonly door: Door;
  readonly way: Way;
  readonly tokens: Tokens;
  readonly manner: Scenario;
  readonly model: 'small' | 'large';
  readonly stream: boolean;
  readonly asksForUsage: boolean;
}

function planned({ door, way, tokens, manner, model, stream: wantsStream, asksForUsage }: Asked): PlannedCall {
  const stream = wantsStream && DOORS[door].streams;
  const usage = door === '/v1/embeddings' ? { ...ZERO, input: tokens.input } : tokens;
  return {
    ...way,
    // Of an answer that is translated nothing comes before all of it is there.
    leaves: way.leaves === 'reading' && door === '/v1/generate' ? 'waiting' : way.leaves,
    model: door === '/v1/messages' ? 'poet' : model,
    door,
    scenario: { usage, ...manner, ...way.scenario },
    body: { ...DOORS[door].body, ...(stream ? streamed(door, asksForUsage) : {}) },
  };
}

function streamed(door: Door, asksForUsage: boolean): object {
  const takesOptions = door === '/v1/chat/completions' || door === '/v1/completions';
  return { stream: true, ...(takesOptions && asksForUsage ? { stream_options: { include_usage: true } } : {}) };
}

/** Always the same ones for a seed. */
export function planCalls(count: number, seed: number): PlannedCall[] {
  return fc.sample(call, { numRuns: count, seed });
}
