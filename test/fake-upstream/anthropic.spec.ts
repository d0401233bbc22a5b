import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readUsage } from '#domain/usage/read-usage';
import { StreamUsage } from '#domain/usage/stream-usage';
import { type FakeUpstream, startFakeUpstream } from './fake-upstream.js';

let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await startFakeUpstream();
});

beforeEach(() => {
  upstream.control.reset();
  upstream.record.clear();
});

afterAll(() => upstream.stop());

const USAGE = { input: 100, cachedInput: 60, cacheWrite: 20, cacheWriteHour: 0, output: 30, reasoning: 0 };

function ask(fields: object = {}, headers: object = { 'anthropic-version': '2023-06-01' }): Promise<Response> {
  return fetch(`${upstream.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'sk-ant-fake', ...headers },
    body: JSON.stringify({ model: 'fake', max_tokens: 64, messages: [{ role: 'user', content: 'Count.' }], ...fields }),
  });
}

/** The events of a stream: name and data of each. */
async function eventsOf(response: Response): Promise<Array<[event: string, data: string]>> {
  const frames = (await response.text()).split('\n\n').filter((frame) => frame !== '');
  return frames.map((frame) => {
    const found = /^event: (.*)\ndata: (.*)$/.exec(frame);
    if (!found) throw new Error(`no event in ${JSON.stringify(frame)}`);
    return [found[1] as string, found[2] as string];
  });
}

describe('the fake upstream, asked as Anthropic', () => {
  it('answers with a message, whose input is in three parts', async () => {
    upstream.control.always({ usage: USAGE });
    const response = await ask();
    expect(response.headers.get('request-id')).toMatch(/^req_fake_\d+$/);
    const message = await response.json();
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'fake',
      content: [{ type: 'text', text: 'one two three four five' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 20, cache_read_input_tokens: 60, cache_creation_input_tokens: 20, output_tokens: 30 },
    });
    expect(readUsage('anthropic', 'messages', message)).toEqual(USAGE);
    expect(upstream.record.totals()).toMatchObject({ input: 100, cachedInput: 60, cacheWrite: 20, output: 30 });
    expect(upstream.record.totals().byCredential).toHaveProperty('sk-ant-fake');
  });

  it('streams typed events, the input’s usage first and the output’s last', async () => {
    upstream.control.always({ usage: USAGE, chunks: ['Hello', ' world'] });
    const events = await eventsOf(await ask({ stream: true }));
    expect(events.map(([event]) => event)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    // The name of an event is in its data as well: the SDKs read the one or the other.
    expect(events.map(([, data]) => JSON.parse(data).type)).toEqual(events.map(([event]) => event));
    expect(JSON.parse(events[0]?.[1] ?? '').message).toMatchObject({ type: 'message', content: [], stop_reason: null });
    const usage = new StreamUsage('anthropic', 'messages');
    for (const [, data] of events) usage.take(data);
    expect(usage).toMatchObject({ usage: USAGE, completed: true });
  });

  it('fails in its own words, before a stream or in it', async () => {
    upstream.control.next({ status: 529 }, { fault: 'error-in-stream', faultAfterChunks: 1 });
    const overloaded = await ask();
    expect(overloaded.status).toBe(529);
    expect(await overloaded.json()).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });

    const events = await eventsOf(await ask({ stream: true }));
    expect(events.at(-1)?.[0]).toBe('error');
    expect(JSON.parse(events.at(-1)?.[1] ?? '')).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
    expect(events.filter(([event]) => event === 'content_block_delta')).toHaveLength(1);
  });

  it.each([
    ['no version', {}, {}],
    ['no limit', { max_tokens: undefined }, { 'anthropic-version': '2023-06-01' }],
    ['what only OpenAI knows', { stream_options: { include_usage: true } }, { 'anthropic-version': '2023-06-01' }],
  ])('objects to %s, as the real one does', async (_, fields, headers) => {
    const response = await ask(fields, headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });

  it('lists its models in its own shape', async () => {
    const response = await fetch(`${upstream.url}/v1/models`, { headers: { 'anthropic-version': '2023-06-01' } });
    expect(await response.json()).toMatchObject({ data: [{ type: 'model', id: 'fake' }], has_more: false });
  });
});
