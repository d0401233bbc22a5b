import { describe, expect, it } from '@jest/globals';
import type { Bill } from '#domain/usage/bill';
import type { Dialect, Endpoint } from '#domain/usage/read-usage';
import { type Ending, Metering, type Sent } from './metering.js';
import { tapFor } from './tap-for.js';

const said = 'The quick brown fox jumps over the lazy dog.';
const PROMPT = { model: 'm', messages: [{ role: 'user', content: said }] };
const NOTHING = { input: 0, cachedInput: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0, reasoning: 0 };

const sent = (call: object = PROMPT, endpoint: Endpoint = 'chat'): Sent => ({
  dialect: endpoint === 'messages' ? 'anthropic' : 'openai',
  endpoint,
  body: Buffer.from(JSON.stringify(call)),
  mostOutput: () => null,
});

function ending(fields: Partial<Ending>, answer?: { of: [Dialect, Endpoint]; type: string; text: string }): Ending {
  const tap = answer
    ? tapFor({ dialect: answer.of[0], endpoint: answer.of[1], contentType: answer.type, hideUsage: true })
    : null;
  if (answer) tap?.pass(Buffer.from(answer.text));
  return { outcome: 'ok', status: 200, told: 200, code: null, sent: true, tap, firstByteAt: null, ...fields };
}

const json = (answer: unknown, of: [Dialect, Endpoint] = ['openai', 'chat']) => ({
  of,
  type: 'application/json',
  text: typeof answer === 'string' ? answer : JSON.stringify(answer),
});
const stream = (frames: unknown[], of: [Dialect, Endpoint] = ['openai', 'chat']) => ({
  of,
  type: 'text/event-stream; charset=utf-8',
  text: frames.map((frame) => `data: ${typeof frame === 'string' ? frame : JSON.stringify(frame)}\n\n`).join(''),
});
const says = (content: string) => ({ choices: [{ index: 0, delta: { content } }], usage: null });

function billed(sent: Sent, ending: Ending): Promise<Bill & { outcome: string }> {
  return new Promise((resolve) => new Metering().bill(sent, ending, (bill, outcome) => resolve({ ...bill, outcome })));
}

describe('a request is billed', () => {
  it('at once where its provider said what it used', () => {
    const bills: Bill[] = [];
    const usage = { prompt_tokens: 9, completion_tokens: 0 };
    new Metering().bill(sent(), ending({}, json({ usage })), (bill) => bills.push(bill));
    expect(bills).toEqual([{ usage: { ...NOTHING, input: 9 }, estimated: false }]);
  });

  it('by its text where the provider did not say: in one piece and as a stream alike', async () => {
    const expected = { usage: { ...NOTHING, input: 14, output: 10 }, estimated: true, outcome: 'ok' };
    const message = { choices: [{ message: { content: said } }] };
    expect(await billed(sent(), ending({}, json(message)))).toEqual(expected);
    const words = said.split(/(?= )/);
    expect(await billed(sent(), ending({}, stream([...words.map(says), '[DONE]'])))).toEqual(expected);
  });

  it('by its text, and never for more of it than the request allowed', async () => {
    const message = { choices: [{ message: { content: said } }] };
    const capped = (most: number) => billed({ ...sent(), mostOutput: () => most }, ending({}, json(message)));
    expect((await capped(7)).usage.output).toBe(7);
    expect((await capped(10)).usage.output).toBe(10);
    expect((await capped(11)).usage.output).toBe(10);
    // What the provider says itself is believed.
    const usage = { prompt_tokens: 9, completion_tokens: 12 };
    const bill = await billed({ ...sent(), mostOutput: () => 7 }, ending({}, json({ ...message, usage })));
    expect(bill.usage.output).toBe(12);
  });

  it('for its prompt where the client left before a word came', async () => {
    const bill = await billed(sent(), ending({ outcome: 'aborted', status: 0 }));
    expect(bill).toMatchObject({ usage: { input: 14, output: 0 }, estimated: true });
  });

  it('by the input that was stated, and the text that came', async () => {
    const start = { type: 'message_start', message: { usage: { input_tokens: 70, output_tokens: 1 } } };
    const delta = { type: 'content_block_delta', delta: { type: 'text_delta', text: said } };
    const answer = stream([start, delta], ['anthropic', 'messages']);
    const bill = await billed(sent(PROMPT, 'messages'), ending({ outcome: 'aborted' }, answer));
    expect(bill).toMatchObject({ usage: { input: 70, output: 10 }, estimated: true });
  });

  it('nothing where it failed before a word, and what was seen where it failed after', async () => {
    const error = { error: { message: 'overloaded', type: 'server_error' } };
    expect(await billed(sent(), ending({}, stream([error])))).toEqual({
      usage: NOTHING,
      estimated: true,
      outcome: 'failed',
    });
    expect(await billed(sent(), ending({}, stream([says(said), error])))).toMatchObject({
      usage: { input: 14, output: 10 },
      outcome: 'failed',
    });
    expect(await billed(sent(), ending({}, json(error)))).toMatchObject({ usage: NOTHING, outcome: 'failed' });
  });

  it('nothing for an error of its provider, whatever that says', async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 9 };
    const answer = ending({ outcome: 'provider_error', status: 500 }, json({ error: {}, usage }));
    expect(await billed(sent(), answer)).toMatchObject({ usage: NOTHING, estimated: false });
  });

  it('for a text that is longer than what is kept of it, in proportion', async () => {
    const frames = Array.from({ length: 3000 }, () => says(said));
    const bill = await billed(sent(), ending({ outcome: 'aborted' }, stream(frames)));
    // The answer comes in one chunk here, which is kept whole; cut into frames, 64 KB of it are.
    expect(bill.usage.output).toBeGreaterThan(27_000);
    const tap = tapFor({ dialect: 'openai', endpoint: 'chat', contentType: 'text/event-stream', hideUsage: true });
    for (const frame of frames) tap.pass(Buffer.from(`data: ${JSON.stringify(frame)}\n\n`));
    expect(tap.read.text.length).toBeLessThan(64 * 1024);
    const reckoned = await billed(sent(), ending({ outcome: 'aborted', tap }));
    expect(reckoned.usage.output / bill.usage.output).toBeGreaterThan(0.95);
    expect(reckoned.usage.output / bill.usage.output).toBeLessThan(1.05);
  });

  it.each<[string, object, Endpoint, number]>([
    ['tools', { ...PROMPT, tools: [{ type: 'function', function: { name: 'look', description: said } }] }, 'chat', 26],
    ['token numbers', { prompt: [1, 2, 3, 4] }, 'completions', 8],
    ['several texts', { input: ['hello world', 'hello world'] }, 'embeddings', 9],
    [
      'a picture, by its number and not by its bytes',
      {
        messages: [
          { content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(9999)}` } }] },
        ],
      },
      'chat',
      1004,
    ],
    ['a system prompt', { system: 'hello world', messages: [{ role: 'user', content: 'hello world' }] }, 'messages', 9],
  ])('for a prompt with %s', async (_, call, endpoint, input) => {
    const bill = await billed(sent(call, endpoint), ending({ outcome: 'aborted', status: 0 }));
    expect(bill.usage.input).toBe(input);
  });

  it('also for a prompt that is no JSON in its depths, and for one too large to be looked at', async () => {
    const aborted = ending({ outcome: 'aborted', status: 0 });
    const broken = { ...sent(), body: Buffer.from('{"model":"m","messages":[tru]}') };
    expect((await billed(broken, aborted)).usage.input).toBeGreaterThan(5);
    const large = sent({ messages: [{ content: 'word '.repeat(400_000) }] });
    expect((await billed(large, aborted)).usage.input).toBeGreaterThan(400_000);
  });

  it('before the house is left', async () => {
    const metering = new Metering();
    let bills = 0;
    for (let i = 0; i < 20; i++) metering.bill(sent(), ending({ outcome: 'aborted', status: 0 }), () => bills++);
    expect(bills).toBe(0);
    await metering.idle();
    expect(bills).toBe(20);
  });
});
