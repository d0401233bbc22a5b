import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { StreamUsage } from '#domain/usage/stream-usage';
import { type FakeUpstream, startFakeUpstream } from './fake-upstream.js';
import { RawClient } from './raw-client.js';

let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await startFakeUpstream();
});

beforeEach(() => {
  upstream.control.reset();
  upstream.record.clear();
});

afterAll(() => upstream.stop());

const CHAT = '/v1/chat/completions';

function chat(fields: object = {}, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(upstream.url + CHAT, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'fake', messages: [], ...fields }),
  });
}

describe('the books of the fake upstream', () => {
  it('have every request as it came: its bytes, its headers in their letters, twice what came twice', async () => {
    const client = await RawClient.open(upstream.url);
    const body = '{ "model":"fake",  "x":1, "x":2 }';
    client.write(
      `POST ${CHAT}?q=1 HTTP/1.1\r\nHost: fake\r\nX-Twice: a\r\nx-twice: b\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await client.until('total_tokens');
    const [request] = upstream.record.requests;
    expect(request?.body.toString()).toBe(body);
    expect(request?.path).toBe(`${CHAT}?q=1`);
    expect(request?.rawHeaders.slice(0, 6)).toEqual(['Host', 'fake', 'X-Twice', 'a', 'x-twice', 'b']);
    expect(request?.headers('x-twice')).toEqual(['a', 'b']);
    client.leave();
  });

  it('have a request that was never finished, too', async () => {
    const client = await RawClient.open(upstream.url);
    client.write(`POST ${CHAT} HTTP/1.1\r\nhost: fake\r\ncontent-length: 100\r\n\r\n{"model":`);
    client.write('"fa');
    client.leave();
    await upstream.record.waitForEnd(1);
    expect(upstream.record.requests[0]).toMatchObject({ outcome: 'aborted', status: null });
    expect(upstream.record.totals().input).toBe(0);
  });

  it('add up by model and by credential', async () => {
    upstream.control.forModel('small', { usage: { input: 1, output: 2 } });
    upstream.control.forModel('large', { usage: { input: 100, cachedInput: 40, output: 200 } });
    await chat({ model: 'small' }, { authorization: 'Bearer one' });
    await chat({ model: 'large' }, { authorization: 'Bearer one' });
    await chat({ model: 'large' }, { 'x-api-key': 'two' });
    await upstream.record.waitForEnd(3);
    const large = { requests: 2, input: 200, cachedInput: 80, cacheWrite: 0, output: 400 };
    expect(upstream.record.totals()).toEqual({
      ...{ requests: 3, input: 201, cachedInput: 80, cacheWrite: 0, output: 402 },
      byModel: { small: { requests: 1, input: 1, cachedInput: 0, cacheWrite: 0, output: 2 }, large },
      byCredential: {
        one: { requests: 2, input: 101, cachedInput: 40, cacheWrite: 0, output: 202 },
        two: { requests: 1, input: 100, cachedInput: 40, cacheWrite: 0, output: 200 },
      },
    });
  });

  it('are steered by the next request first, then by the model, then by what is always so', async () => {
    upstream.control.always({ status: 500 });
    upstream.control.forModel('good', {});
    upstream.control.next({ status: 418 }, () => ({ status: 429 }));
    const statuses: number[] = [];
    for (const model of ['good', 'good', 'good', 'bad']) statuses.push((await chat({ model })).status);
    expect(statuses).toEqual([418, 429, 200, 500]);
  });

  it('fail loudly where what is waited for does not come', async () => {
    await chat();
    await expect(upstream.record.waitFor(2, 50)).rejects.toThrow('waited 50 ms for 2 requests; there are [/v1/chat');
  });

  it('take a plan of the test that throws for a failure of the test', async () => {
    const other = await startFakeUpstream();
    other.control.always(() => {
      throw new Error('a plan that is wrong');
    });
    await expect(fetch(other.url + CHAT, { method: 'POST', body: '{"model":"fake"}' })).rejects.toThrow();
    await expect(other.stop()).rejects.toThrow('a plan that is wrong');
  });
});

describe('the fake upstream under load', () => {
  it('serves 200 streams at once, each with its own usage, and its books are what the readers read', async () => {
    upstream.control.always(({ id }) => ({
      usage: { input: id * 3, cachedInput: id, output: id * 7 },
      chunks: 50,
      delayMs: 1,
      chunkBytes: 200,
    }));
    const streams = Array.from({ length: 200 }, async () => {
      const response = await chat({ stream: true, stream_options: { include_usage: true } });
      const reader = new StreamUsage('openai', 'chat');
      for (const line of (await response.text()).split('\n')) if (line.startsWith('data: ')) reader.take(line.slice(6));
      return reader;
    });
    const readers = await Promise.all(streams);
    await upstream.record.waitForEnd(200);
    expect(readers.every(({ completed, failed }) => completed && !failed)).toBe(true);
    const sum = (tokens: 'input' | 'cachedInput' | 'output') =>
      readers.reduce((total, { usage }) => total + (usage?.[tokens] ?? 0), 0);
    expect(upstream.record.totals()).toMatchObject({
      requests: 200,
      input: sum('input'),
      cachedInput: sum('cachedInput'),
      output: sum('output'),
    });
    expect(
      upstream.record.requests.every(({ outcome, chunksSent }) => outcome === 'completed' && chunksSent === 50),
    ).toBe(true);
  });

  it('goes no faster than its reader, and stops when the reader leaves', async () => {
    const client = await RawClient.open(upstream.url);
    const chunks = 200_000;
    upstream.control.next({ chunks, usage: { output: chunks } });
    client.post(CHAT, { model: 'fake', stream: true });
    await client.until('data: ');
    client.pause();
    const [request] = upstream.record.requests;
    // Until what it has sent stands still: the kernel is full, and it waits.
    let before = -1;
    while (before !== request?.chunksSent) {
      before = request?.chunksSent ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(request?.chunksSent).toBeLessThan(chunks);
    client.leave();
    await upstream.record.waitForEnd(1);
    expect(request?.outcome).toBe('aborted');
    expect(request?.billed.output).toBe(request?.chunksSent);
  });

  it('leaves nothing behind', async () => {
    const handles = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
    const before = handles();
    const other = await startFakeUpstream();
    other.control.always({ fault: 'hang-mid-stream' });
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(other.url)));
    for (const client of clients) client.post(CHAT, { model: 'fake', stream: true });
    await Promise.all(clients.map((client) => client.until(' two')));
    await other.stop();
    await Promise.all(clients.map((client) => client.end()));
    await expect(fetch(other.url)).rejects.toThrow();
    expect(handles()).toBeLessThanOrEqual(before);
  });
});
