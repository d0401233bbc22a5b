import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonTap } from './json-tap.js';
import { StreamTap } from './stream-tap.js';

const usage = { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 2 } };
const words = ['He', 'llo', ', ', 'wörld "usage" 🌍'];
const chunk = (fields: object) => JSON.stringify({ id: 'c', object: 'chat.completion.chunk', ...fields });

function frames(lineEnd: string, comment = ''): string[] {
  const contents = words.map((content) =>
    chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null }),
  );
  const last = chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null });
  return [...contents, last, chunk({ choices: [], usage }), '[DONE]'].map(
    (data) => `${comment}data: ${data}${lineEnd}${lineEnd}`,
  );
}

/** What the client gets of a stream that arrives in these pieces. */
function through(tap: StreamTap, text: string, cuts: readonly number[]): string {
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

describe('a stream that passes', () => {
  it('arrives as it was sent, however it is cut, and its usage is read', () => {
    fc.assert(
      fc.property(cuts, lineEnds, comments, (cuts, lineEnd, comment) => {
        const text = frames(lineEnd, comment).join('');
        const tap = new StreamTap('openai', 'chat', false);
        expect(through(tap, text, cuts)).toBe(text);
        expect(tap.read.usage).toMatchObject({ input: 7, cachedInput: 2, output: 3 });
      }),
    );
  });

  it('loses the usage frame that its client did not ask for, and nothing else', () => {
    fc.assert(
      fc.property(cuts, lineEnds, comments, (cuts, lineEnd, comment) => {
        const sent = frames(lineEnd, comment);
        const tap = new StreamTap('openai', 'chat', true);
        expect(through(tap, sent.join(''), cuts)).toBe(sent.filter((_, at) => at !== words.length + 1).join(''));
        expect(tap.read.usage).toMatchObject({ input: 7, cachedInput: 2, output: 3 });
      }),
    );
  });

  it('never waits for more than the rest of a frame', () => {
    const tap = new StreamTap('openai', 'chat', true);
    for (const frame of frames('\r\n').slice(0, words.length))
      expect(tap.pass(Buffer.from(frame))?.toString()).toBe(frame);
  });

  it('that breaks off in a frame keeps what it said before', () => {
    const tap = new StreamTap('openai', 'chat', true);
    tap.pass(Buffer.from(`data: ${chunk({ choices: [{ index: 0, delta: { content: 'a' } }], usage })}\n\ndata: {"cho`));
    expect(tap.read).toMatchObject({ usage: null, stated: { input: 7, output: 3 }, text: 'a', longer: 1 });
  });
});

describe('an answer in one piece', () => {
  const of = (text: string) => {
    const tap = new JsonTap('openai', 'chat');
    for (const byte of Buffer.from(text)) tap.pass(Buffer.from([byte]));
    return tap.read.usage;
  };

  it('says what it used; zero is zero, and nonsense is not', () => {
    expect(of(JSON.stringify({ choices: [], usage }))).toMatchObject({ input: 7, cachedInput: 2, output: 3 });
    expect(of('{"usage":{"prompt_tokens":0,"completion_tokens":0}}')).toMatchObject({ input: 0, output: 0 });
    expect(of('{"usage":{"prompt_tokens":-1,"completion_tokens":2}}')).toBeNull();
    expect(of('{"choices":[]}')).toBeNull();
    expect(of('not json')).toBeNull();
  });
});
