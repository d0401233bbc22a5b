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
const usageOf = (input: number, output: number) => ({ input, cachedInput: 0, cacheWrite: 0, output, reasoning: 0 });

describe('a stream in the dialect of OpenAI', () => {
  it('has its usage in a frame of its own, and ends with [DONE]', () => {
    const frames = [says('Hel'), says('lo'), stops(), { choices: [], usage: chatUsage(9, 2) }];
    const before = read('openai', 'chat', frames.slice(0, 3));
    expect(before).toMatchObject({ usage: null, stated: null, characters: 5, completed: false, failed: false });
    expect(read('openai', 'chat', [...frames, '[DONE]'])).toMatchObject({
      usage: usageOf(9, 2),
      characters: 5,
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

  it('without a usage has none, and still knows how much was said', () => {
    expect(read('openai', 'chat', [says('Hello'), stops(), '[DONE]'])).toMatchObject({
      usage: null,
      characters: 5,
      completed: true,
    });
  });

  it.each<[string, Endpoint, unknown, number]>([
    ['a refusal', 'chat', { choices: [{ delta: { refusal: 'no' } }] }, 2],
    ['thinking', 'chat', { choices: [{ delta: { reasoning_content: 'hmm' } }] }, 3],
    ['thinking under two names', 'chat', { choices: [{ delta: { reasoning_content: 'hmm', reasoning: 'hmm' } }] }, 3],
    [
      'a call of a tool',
      'chat',
      { choices: [{ delta: { tool_calls: [{ function: { name: 'f', arguments: '{}' } }] } }] },
      3,
    ],
    ['a call of a function', 'chat', { choices: [{ delta: { function_call: { arguments: '{"a"' } } }] }, 4],
    ['several choices', 'chat', { choices: [{ delta: { content: 'ab' } }, { delta: { content: 'c' } }] }, 3],
    ['a completion', 'completions', { choices: [{ index: 0, text: 'abc' }] }, 3],
    ['text', 'responses', { type: 'response.output_text.delta', delta: 'abc' }, 3],
    ['the text again, as a whole', 'responses', { type: 'response.output_text.done', text: 'abc' }, 0],
    ['a summary of thinking', 'responses', { type: 'response.reasoning_summary_text.delta', delta: 'hm' }, 2],
    ['arguments', 'responses', { type: 'response.function_call_arguments.delta', delta: '{}' }, 2],
    ['the name of a tool', 'responses', { type: 'response.output_item.added', item: { name: 'f' } }, 1],
    ['a sound', 'responses', { type: 'response.audio.delta', delta: 'AAAA' }, 0],
  ])('counts %s', (_, endpoint, frame, characters) => {
    expect(read('openai', endpoint, [frame]).characters).toBe(characters);
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
        characters: 5,
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
  const full = { input: 42, cachedInput: 30, cacheWrite: 2, output: 7, reasoning: 0 };

  it('has its input at the start and its output at the end', () => {
    const frames = [start, { type: 'ping' }, delta({ type: 'text_delta', text: 'Hello' })];
    expect(read('anthropic', 'messages', frames)).toMatchObject({
      usage: null,
      stated: { ...full, output: 1 },
      characters: 5,
      completed: false,
    });
    expect(
      read('anthropic', 'messages', [...frames, end({ output_tokens: 7 }), { type: 'message_stop' }]),
    ).toMatchObject({
      usage: full,
      characters: 5,
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

  it('counts what is said, thought and meant for tools, but no signature', () => {
    const frames = [
      delta({ type: 'thinking_delta', thinking: 'hmm' }),
      delta({ type: 'signature_delta', signature: 'AAAAAAAA' }),
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
      },
      delta({ type: 'input_json_delta', partial_json: '{}' }),
    ];
    expect(read('anthropic', 'messages', frames).characters).toBe(6);
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

  it.each(shapes)(
    '%s %s: counts a text the same however it is cut, even through a letter',
    (dialect, endpoint, frame) => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 5 }), (text, size) => {
          const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
            text.slice(i * size, (i + 1) * size),
          );
          expect(read(dialect, endpoint, pieces.map(frame)).characters).toBe(text.length);
        }),
      );
    },
  );

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
          const stream = read(dialect, endpoint, [...noise, frame('Hello')]);
          expect(stream.characters).toBeGreaterThanOrEqual(5);
        },
      ),
    );
    expect(
      read(dialect, endpoint, ['', 'null', '7', '[]', '{"choices":7}', '{"usage":"none"}', '{"id":']),
    ).toMatchObject({
      usage: null,
      characters: 0,
      completed: false,
    });
  });
});
