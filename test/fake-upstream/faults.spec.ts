import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type FakeUpstream, startFakeUpstream } from './fake-upstream.js';
import { RawClient } from './raw-client.js';
import type { Scenario } from './scenario.js';

let upstream: FakeUpstream;
let client: RawClient;

beforeAll(async () => {
  upstream = await startFakeUpstream();
});

beforeEach(async () => {
  upstream.control.reset();
  upstream.record.clear();
  client = await RawClient.open(upstream.url);
});

afterAll(() => upstream.stop());

const CHAT = '/v1/chat/completions';
const END_OF_CHUNKS = '\r\n0\r\n\r\n';

function ask(scenario: Scenario, fields: object = {}): void {
  upstream.control.next(scenario);
  client.post(CHAT, { model: 'fake', messages: [], ...fields });
}

const stream = { stream: true, stream_options: { include_usage: true } };

/** What became of the only request, once it is over. */
async function ended() {
  await upstream.record.waitForEnd(1);
  const [request] = upstream.record.requests;
  return {
    outcome: request?.outcome,
    status: request?.status,
    chunksSent: request?.chunksSent,
    billed: request?.billed,
  };
}

const bill = (input: number, output: number) => ({ input, cachedInput: 0, cacheWrite: 0, output });

describe('a provider that hangs', () => {
  it('says nothing at all, until the client leaves', async () => {
    ask({ fault: 'hang' });
    await upstream.record.waitFor(1);
    expect(upstream.record.requests[0]?.outcome).toBe('pending');
    client.leave();
    expect(await ended()).toEqual({ outcome: 'aborted', status: null, chunksSent: 0, billed: bill(0, 0) });
    expect(await client.end()).toBe('');
  });

  it('says nothing more after the headers', async () => {
    ask({ fault: 'hang-after-headers' });
    const answer = await client.until('\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.endsWith('\r\n\r\n')).toBe(true);
    client.leave();
    // A JSON answer was made before it was sent: the provider bills it.
    expect(await ended()).toMatchObject({ outcome: 'aborted', status: 200, billed: bill(10, 5) });
  });

  it('says nothing more in the middle of a stream, and bills what it said', async () => {
    ask({ fault: 'hang-mid-stream', faultAfterChunks: 2, chunks: 4, usage: { input: 7, output: 100 } }, stream);
    await client.until(' two');
    client.leave();
    expect(await ended()).toEqual({ outcome: 'aborted', status: 200, chunksSent: 2, billed: bill(7, 50) });
    expect(await client.end()).not.toContain('three');
  });

  it('lets a test end', async () => {
    const other = await startFakeUpstream();
    const waiting = await RawClient.open(other.url);
    for (const fault of ['hang', 'hang-mid-stream'] as const) other.control.next({ fault });
    waiting.post(CHAT, { model: 'fake' });
    await other.record.waitFor(1);
    await other.stop();
    await waiting.end();
    expect(other.record.requests[0]?.outcome).toBe('cut');
  });
});

describe('a provider that breaks off', () => {
  it('before the headers sends not a byte', async () => {
    ask({ fault: 'cut-before-headers' });
    expect(await client.end()).toBe('');
    expect(await ended()).toEqual({ outcome: 'cut', status: null, chunksSent: 0, billed: bill(0, 0) });
  });

  it.each(['length', 'chunked'] as const)('in the middle of a body (%s) sends half of it', async (framing) => {
    ask({ fault: 'cut-mid-body', framing });
    const answer = await client.end();
    expect(answer).toContain('"object":"chat.completion"');
    expect(answer).not.toContain('total_tokens');
    expect(answer).not.toContain(END_OF_CHUNKS);
    expect(answer.includes('content-length')).toBe(framing === 'length');
    expect(await ended()).toMatchObject({ outcome: 'cut', billed: bill(10, 5) });
  });

  it('between two frames of a stream', async () => {
    ask({ fault: 'cut-mid-stream', faultAfterChunks: 3 }, stream);
    const answer = await client.end();
    expect(answer).toContain('three');
    expect(answer).not.toContain('four');
    expect(answer.endsWith('\n\n\r\n')).toBe(true);
    expect(await ended()).toMatchObject({ outcome: 'cut', chunksSent: 3, billed: bill(10, 3) });
  });

  it('in the middle of a frame', async () => {
    ask({ fault: 'cut-mid-body', faultAfterChunks: 3 }, stream);
    const answer = await client.end();
    expect(answer).toMatch(/data: \{"id":"chatcmpl-fake\d+"[^\n]*\r\n$/);
    expect(answer).not.toContain('four');
    expect(await ended()).toMatchObject({ outcome: 'cut', chunksSent: 3 });
  });

  it('behind the last word, before the usage', async () => {
    ask({ fault: 'cut-mid-stream', faultAfterChunks: 5 }, stream);
    const answer = await client.end();
    expect(answer).toContain('five');
    expect(answer).not.toContain('finish_reason":"stop"');
    expect(await ended()).toMatchObject({ outcome: 'cut', chunksSent: 5, billed: bill(10, 5) });
  });

  it('refuses connections for as long as it is told, and keeps those it has', async () => {
    upstream.refuseConnections();
    const refused = connect(Number(new URL(upstream.url).port), '127.0.0.1');
    const [error] = await once(refused, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    await upstream.acceptConnections();
    client = await RawClient.open(upstream.url);
    ask({});
    expect(await client.until('total_tokens')).toContain('200 OK');
  });
});

describe('a provider that talks nonsense', () => {
  it('has one frame that is not JSON, and goes on', async () => {
    ask({ fault: 'malformed-sse' }, stream);
    const answer = await client.until(END_OF_CHUNKS);
    const data = [...answer.matchAll(/^data: (\{.*)$/gm)].map((match) => match[1] as string);
    const broken = data.filter((text) => !isJson(text));
    expect(broken).toHaveLength(1);
    expect(answer).toContain('five');
    expect(answer).toContain('data: [DONE]');
    expect(await ended()).toMatchObject({ outcome: 'completed', chunksSent: 5, billed: bill(10, 5) });
  });

  it('sends what the test wants, as it is', async () => {
    ask({
      status: 418,
      body: Buffer.from('\u00ff\u0000 not json', 'latin1'),
      headers: { 'content-type': 'text/teapot' },
    });
    const answer = await client.until('not json');
    expect(answer).toMatch(/^HTTP\/1\.1 418 /);
    expect(answer).toContain('content-type: text/teapot');
    expect(answer.endsWith('\r\n\r\n\u00ff\u0000 not json')).toBe(true);
    expect(await ended()).toMatchObject({ status: 418, billed: bill(0, 0) });
  });
});

describe('a stream as it may legally be', () => {
  it.each([1, 7, 1000])('comes in writes of %d bytes, whatever they cut', async (chunkBytes) => {
    ask({ chunkBytes, chunks: ['Grüße', ' 👋', ' Москва'] }, stream);
    const pieces = chunksIn(await client.until(END_OF_CHUNKS));
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(chunkBytes);
    const text = Buffer.from(pieces.join(''), 'latin1').toString('utf8');
    expect(contentOf(text)).toBe('Grüße 👋 Москва');
    expect(await ended()).toMatchObject({ outcome: 'completed', chunksSent: 3 });
  });

  it('may end its lines as Windows does', async () => {
    ask({ sse: 'crlf' }, stream);
    const text = chunksIn(await client.until(END_OF_CHUNKS)).join('');
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
    expect(contentOf(text)).toBe('one two three four five');
  });

  it('may have comments between its events', async () => {
    ask({ sse: 'commented' }, stream);
    const text = chunksIn(await client.until(END_OF_CHUNKS)).join('');
    expect(text).toContain('\n\n: still here\n\n');
    expect(contentOf(text)).toBe('one two three four five');
  });
});

/** The chunks of HTTP in a raw answer. */
function chunksIn(answer: string): string[] {
  const chunks: string[] = [];
  let rest = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  for (;;) {
    const line = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.slice(0, line), 16);
    if (!size) return chunks;
    chunks.push(rest.slice(line + 2, line + 2 + size));
    rest = rest.slice(line + 2 + size + 2);
  }
}

function contentOf(stream: string): string {
  const frames = [...stream.matchAll(/^data: (\{.*\})\r?$/gm)].map((match) => JSON.parse(match[1] as string));
  return frames.map((frame) => frame.choices[0]?.delta.content ?? '').join('');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
