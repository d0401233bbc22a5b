import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Dialect, Endpoint } from '#domain/usage/read-usage';
import { StreamUsage } from '#domain/usage/stream-usage';

function read(dialect: Dialect, endpoint: Endpoint, frames: unknown[]): StreamUsage {
  const stream = new StreamUsage(dialect, endpoint);
  for (const frame of frames) stream.take(typeof frame === 'string' ? frame : JSON.stringify(frame));
  return stream;
}

const says = (content: string, index = 0) => ({ choices: [{ index, delta: { content }, finish_reason: null }] });
const stops = (index = 0) => ({ choices: [{ index, delta: {}, finish_reason: 'stop' }] });
const chatUsage = (prompt_tokens: number, completion_tokens: number) => ({ prompt_tokens, completion_tokens });
const usageOf = (input: number, output: number) => ({
  input,
  cachedInput: 0,
  cacheWrite: 0,
  cacheWriteHour: 0,
  output,
  reasoning: 0,
});

describe('a stream in the dialect of OpenAI', () => {
  it('has its usage in a frame of its own, and ends with [DONE]', () => {
    const frames = [says('Hel'), says('lo'), stops(), { choices: [], usage: chatUsage(9, 2) }];
    const before = read('openai', 'chat', frames.slice(0, 3));
    expect(before).toMatchObject({ usage: null, stated: null, completed: false, failed: false });
    expect(read('openai', 'chat', [...frames, '[DONE]'])).toMatchObject({
      usage: usageOf(9, 2),

      completed: true,
      failed: false,
    });
    // Cut behind the usage: nothing of the bill is missing.
    expect(read('openai', 'chat', frames)).toMatchObject({ usage: usageOf(9, 2), completed: false });
  });

  it('may have its usage with the last choice', () => {
    const last = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: chatUsage(9, 2) };
    expect(read('openai', 'chat', [says('Hello'), last]).usage).toEqual(usageOf(9, 2));
  });

  it('may count along in every frame, which is final only when every choice is', () => {
    const along = (frame: object, output: number) => ({ ...frame, usage: chatUsage(9, output) });
    const frames = [along(says('a', 0), 1), along(says('b', 1), 2), along(stops(0), 2)];
    expect(read('openai', 'chat', frames)).toMatchObject({ usage: null, stated: usageOf(9, 2) });
    expect(read('openai', 'chat', [...frames, along(says('c', 1), 3), along(stops(1), 3)]).usage).toEqual(
      usageOf(9, 3),
    );
    expect(read('openai', 'chat', [...frames, '[DONE]']).usage).toEqual(usageOf(9, 2));
  });

  it('takes a usage of null, as every other frame has it, for none', () => {
    const frames = [
      { ...says('a'), usage: null },
      { choices: [], usage: chatUsage(0, 0) },
    ];
    expect(read('openai', 'chat', frames.slice(0, 1)).usage).toBeNull();
    expect(read('openai', 'chat', frames).usage).toEqual(usageOf(0, 0));
  });

  it('without a usage has none', () => {
    expect(read('openai', 'chat', [says('Hello'), stops(), '[DONE]'])).toMatchObject({
      usage: null,

      completed: true,
    });
  });

  it.each(['response.completed', 'response.incomplete'])(
    'of responses is complete with %s, and has its usage there',
    (type) => {
      const usage = {
        input_tokens: 5,
        output_tokens: 3,
        total_tokens: 8,
        output_tokens_details: { reasoning_tokens: 1 },
      };
      const frames = [
        { type: 'response.created', response: { id: 'r', usage: null } },
        { type: 'response.output_text.delta', delta: 'Hello' },
        { type, response: { id: 'r', usage } },
      ];
      expect(read('openai', 'responses', frames.slice(0, 2))).toMatchObject({ usage: null, completed: false });
      expect(read('openai', 'responses', frames)).toMatchObject({
        usage: { ...usageOf(5, 3), reasoning: 1 },

        completed: true,
      });
    },
  );

  it.each<[Endpoint, unknown]>([
    ['chat', { error: { message: 'overloaded', type: 'server_error' } }],
    ['responses', { type: 'error', code: 'server_error', message: 'overloaded' }],
    ['responses', { type: 'response.failed', response: { error: { code: 'server_error' }, usage: null } }],
  ])('of %s has failed where the provider says so', (endpoint, frame) => {
    expect(read('openai', endpoint, [frame])).toMatchObject({ failed: true, completed: false, usage: null });
  });
});

describe('a stream in the dialect of Anthropic', () => {
  const start = {
    type: 'message_start',
    message: {
      usage: { input_tokens: 10, cache_read_input_tokens: 30, cache_creation_input_tokens: 2, output_tokens: 1 },
    },
  };
  const delta = (fields: object) => ({ type: 'content_block_delta', index: 0, delta: fields });
  const end = (usage: object) => ({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage });
  const full = { input: 42, cachedInput: 30, cacheWrite: 2, cacheWriteHour: 0, output: 7, reasoning: 0 };

  it('has its input at the start and its output at the end', () => {
    const frames = [start, { type: 'ping' }, delta({ type: 'text_delta', text: 'Hello' })];
    expect(read('anthropic', 'messages', frames)).toMatchObject({
      usage: null,
      stated: { ...full, output: 1 },

      completed: false,
    });
    expect(
      read('anthropic', 'messages', [...frames, end({ output_tokens: 7 }), { type: 'message_stop' }]),
    ).toMatchObject({
      usage: full,

      completed: true,
      failed: false,
    });
  });

  it('may say everything again at the end, which is not added', () => {
    const usage = {
      input_tokens: 11,
      cache_read_input_tokens: 30,
      cache_creation_input_tokens: null,
      output_tokens: 7,
    };
    expect(read('anthropic', 'messages', [start, end(usage)]).usage).toEqual({ ...full, input: 43 });
  });

  it('may say its output more than once: the last is right', () => {
    expect(read('anthropic', 'messages', [start, end({ output_tokens: 3 }), end({ output_tokens: 7 })]).usage).toEqual(
      full,
    );
  });

  it('without a start has no usage', () => {
    expect(read('anthropic', 'messages', [end({ output_tokens: 7 }), { type: 'message_stop' }])).toMatchObject({
      usage: null,
      completed: true,
    });
  });

  it('has failed where the provider says so', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(read('anthropic', 'messages', [start, error])).toMatchObject({
      failed: true,
      completed: false,
      usage: null,
    });
  });
});

describe('any stream', () => {
  const shapes: Array<[Dialect, Endpoint, (text: string) => unknown]> = [
    ['openai', 'chat', (content) => ({ choices: [{ index: 0, delta: { content } }] })],
    ['openai', 'completions', (text) => ({ choices: [{ index: 0, text }] })],
    ['openai', 'responses', (delta) => ({ type: 'response.output_text.delta', delta })],
    ['anthropic', 'messages', (text) => ({ type: 'content_block_delta', delta: { type: 'text_delta', text } })],
  ];

  it.each(shapes)('%s %s: is not thrown off by nonsense', (dialect, endpoint, frame) => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.json(),
            fc.anything().map((value) => JSON.stringify(value) ?? ''),
          ),
        ),
        (noise) => {
          expect(read(dialect, endpoint, [...noise, frame('Hello')]).completed).toBe(false);
        },
      ),
    );
    expect(
      read(dialect, endpoint, ['', 'null', '7', '[]', '{"choices":7}', '{"usage":"none"}', '{"id":']),
    ).toMatchObject({
      usage: null,
      completed: false,
    });
  });
});
