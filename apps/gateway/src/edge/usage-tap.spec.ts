import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Dialect, Endpoint } from '#domain/usage/read-usage';
import { tapFor } from './tap-for.js';
import type { UsageTap } from './usage-tap.js';

const details = { prompt_tokens_details: { cached_tokens: 2 } };
const usage = { prompt_tokens: 7, completion_tokens: 3, ...details };
const typedUsage = { input_tokens: 7, input_tokens_details: { cached_tokens: 2 }, output_tokens: 3, total_tokens: 10 };
const READ = { input: 7, cachedInput: 2, output: 3 };
const words = ['He', 'llo', ', ', 'wörld "usage": {"prompt_tokens": 99} 🌍\n\n'];

interface Case {
  readonly of: [Dialect, Endpoint];
  readonly frames: readonly (object | string)[];
  /** Of the frame that is there for the usage alone. */
  readonly hidden?: number;
}

const choices = (choice: object) => ({ id: 'c', choices: [{ index: 0, finish_reason: null, ...choice }], usage: null });
const event = (type: string, fields: object = {}) => ({ type, ...fields });

const CASES: readonly Case[] = [
  {
    of: ['openai', 'chat'],
    frames: [
      ...words.map((content) => choices({ delta: { content } })),
      choices({ delta: {}, finish_reason: 'stop' }),
      { id: 'c', choices: [], usage },
      '[DONE]',
    ],
    hidden: 5,
  },
  {
    of: ['openai', 'completions'],
    frames: [...words.map((text) => choices({ text })), { id: 'c', choices: [], usage }, '[DONE]'],
    hidden: 4,
  },
  {
    of: ['openai', 'responses'],
    frames: [
      event('response.created', { response: { usage: null } }),
      ...words.map((delta) => event('response.output_text.delta', { delta })),
      event('response.completed', { response: { output: [{ content: words }], usage: typedUsage } }),
    ],
  },
  {
    of: ['anthropic', 'messages'],
    frames: [
      event('message_start', {
        message: { usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 1 } },
      }),
      ...words.map((text) => event('content_block_delta', { delta: { type: 'text_delta', text } })),
      event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } }),
      event('message_stop'),
    ],
  },
];

function encoded({ frames }: Case, lineEnd: string, comment: string): string[] {
  return frames.map((frame) => {
    const data = typeof frame === 'string' ? frame : JSON.stringify(frame);
    const name = typeof frame === 'object' && 'type' in frame ? `event: ${frame.type}${lineEnd}` : '';
    return `${comment}${name}data: ${data}${lineEnd}${lineEnd}`;
  });
}

const streamTap = ([dialect, endpoint]: [Dialect, Endpoint], hideUsage: boolean) =>
  tapFor({ dialect, endpoint, contentType: 'text/event-stream; charset=utf-8', hideUsage });

/** What the client gets of a stream that arrives in these pieces. */
function through(tap: UsageTap, text: string, cuts: readonly number[]): string {
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  let from = 0;
  for (const to of [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b).concat(bytes.length)) {
    const passed = tap.pass(bytes.subarray(from, to));
    if (passed) out.push(passed);
    from = to;
  }
  const rest = tap.rest();
  return Buffer.concat(rest ? [...out, rest] : out).toString('utf8');
}

const cuts = fc.array(fc.nat(5000), { maxLength: 30 });
const lineEnds = fc.constantFrom('\n', '\r\n');
const comments = fc.constantFrom('', ': keep-alive\n');

describe.each(CASES)('a stream of $of', (stream) => {
  it('arrives as it was sent, however it is cut, and its usage is read', () => {
    fc.assert(
      fc.property(cuts, lineEnds, comments, (cuts, lineEnd, comment) => {
        const text = encoded(stream, lineEnd, comment).join('');
        const tap = streamTap(stream.of, false);
        expect(through(tap, text, cuts)).toBe(text);
        expect(tap.read.usage).toMatchObject(READ);
      }),
    );
  });

  it('loses the usage frame that its client did not ask for, and nothing else', () => {
    fc.assert(
      fc.property(cuts, lineEnds, comments, (cuts, lineEnd, comment) => {
        const sent = encoded(stream, lineEnd, comment);
        const tap = streamTap(stream.of, true);
        expect(through(tap, sent.join(''), cuts)).toBe(sent.filter((_, at) => at !== stream.hidden).join(''));
        expect(tap.read.usage).toMatchObject(READ);
      }),
    );
  });

  it('never waits for more than the rest of a frame, also where it comes byte by byte', () => {
    for (const lineEnd of ['\n', '\r\n']) {
      const tap = streamTap(stream.of, false);
      for (const frame of encoded(stream, lineEnd, '')) expect(tap.pass(Buffer.from(frame))?.toString()).toBe(frame);
      const slow = streamTap(stream.of, false);
      for (const frame of encoded(stream, lineEnd, '')) {
        const passed = [...Buffer.from(frame)].map((byte) => slow.pass(Buffer.from([byte])));
        expect(passed.findIndex((bytes) => bytes !== null)).toBe(passed.length - 1);
      }
    }
  });

  it('that breaks off has its text, however it was cut', () => {
    const frames = encoded(stream, '\n', '').slice(0, words.length);
    fc.assert(
      fc.property(cuts, (cuts) => {
        const tap = streamTap(stream.of, true);
        const bytes = Buffer.from(`${frames.join('')}data: {"cho`);
        let from = 0;
        for (const to of [...cuts.map((cut) => cut % bytes.length)].sort((a, b) => a - b).concat(bytes.length)) {
          tap.pass(bytes.subarray(from, to));
          from = to;
        }
        const isTyped = stream.of[1] === 'responses' || stream.of[1] === 'messages';
        const text = words.slice(0, isTyped ? -1 : undefined).join('');
        expect(tap.read).toMatchObject({ usage: null, text, longer: 1, failed: false });
      }),
    );
  });
});

describe('a stream', () => {
  const tapOf = (text: string, of: [Dialect, Endpoint] = ['openai', 'chat']) => {
    const tap = streamTap(of, true);
    tap.pass(Buffer.from(text));
    return tap.read;
  };
  const growing = `data: ${JSON.stringify({ ...choices({ delta: { content: 'a' } }), usage })}\n\n`;

  it('that counts along has said its last word with [DONE], and only then', () => {
    expect(tapOf(`${growing}data: {"cho`)).toMatchObject({ usage: null, stated: READ, text: 'a' });
    expect(tapOf(`${growing}data: [DONE]\n\n`)).toMatchObject({ usage: READ });
  });

  it('has failed where it says so', () => {
    const error = 'event: error\ndata: {"error":{"message":"overloaded"}}\n\n';
    expect(tapOf(growing + error)).toMatchObject({ usage: null, failed: true });
    expect(tapOf(error, ['anthropic', 'messages'])).toMatchObject({ failed: true, text: '' });
  });

  it('has failed also where it says so long after what is kept of it', () => {
    const tap = streamTap(['openai', 'chat'], true);
    for (let i = 0; i < 2000; i++) tap.pass(Buffer.from(growing.replace('"usage":{', '"used":{')));
    tap.pass(Buffer.from('data: {"error":{"message":"overloaded"}}\n\n'));
    expect(tap.read.failed).toBe(true);
    expect(tap.read.longer).toBeGreaterThan(2);
  });

  it('that is one endless frame passes in pieces, and is not kept', () => {
    const tap = streamTap(['openai', 'chat'], true);
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let passed = 0;
    for (let i = 0; i < 200; i++) passed += tap.pass(chunk)?.length ?? 0;
    expect(200 * chunk.length - passed).toBeLessThan(4 * 1024 * 1024);
    expect(tap.read).toMatchObject({ usage: null, text: '' });
  });
});

describe('an answer in one piece', () => {
  const of = (text: string, [dialect, endpoint]: [Dialect, Endpoint] = ['openai', 'chat'], size = 7) => {
    const tap = tapFor({ dialect, endpoint, contentType: 'application/json', hideUsage: false });
    const bytes = Buffer.from(text);
    for (let start = 0; start < bytes.length; start += size) {
      const chunk = bytes.subarray(start, start + size);
      expect(tap.pass(chunk)).toBe(chunk);
    }
    expect(tap.rest()).toBeNull();
    return tap.read;
  };

  it('says what it used; zero is zero, and nonsense is not', () => {
    expect(of(JSON.stringify({ choices: [], usage })).usage).toMatchObject(READ);
    expect(of(JSON.stringify({ output: [], usage: typedUsage }), ['openai', 'responses']).usage).toMatchObject(READ);
    const messages = { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 3 };
    expect(of(JSON.stringify({ content: [], usage: messages }), ['anthropic', 'messages']).usage).toMatchObject(READ);
    expect(of('{"usage":{"prompt_tokens":0,"completion_tokens":0}}').usage).toMatchObject({ input: 0, output: 0 });
    expect(of('{"usage":{"prompt_tokens":-1,"completion_tokens":2}}').usage).toBeNull();
  });

  it('without a usage is its text, and what is no JSON is all text', () => {
    const choices = [{ message: { content: 'Hello' } }];
    expect(of(JSON.stringify({ choices }))).toMatchObject({ usage: null, text: 'Hello', failed: false });
    expect(of('{"choices":[{"mess')).toMatchObject({ usage: null, text: '{"choices":[{"mess' });
    expect(of('{"error":{"message":"no"}}')).toMatchObject({ usage: null, text: '', failed: true });
    expect(of('{"error":null,"output":[]}', ['openai', 'responses'])).toMatchObject({ failed: false });
  });

  it('that is too long to keep still says what it used, at its end, and nobody else can', () => {
    const embedding = 'A'.repeat(3 * 1024 * 1024);
    const told = { prompt_tokens: 7, total_tokens: 7 };
    const whole = { data: [{ embedding, text: '"usage":{"prompt_tokens":1,"total_tokens":1}' }], usage: told };
    expect(of(JSON.stringify(whole), ['openai', 'embeddings'], 65_536).usage).toMatchObject({ input: 7, output: 0 });
    const forged = { usage: told, data: [{ embedding, text: '"usage":{"prompt_tokens":1,"total_tokens":1}' }] };
    const read = of(JSON.stringify(forged), ['openai', 'embeddings'], 65_536);
    expect(read.usage).toBeNull();
    expect(read.longer).toBeGreaterThan(3);
  });
});
