import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type EdgeStack, startEdge } from '../edge.js';
import { errorCodeIn } from '../event-stream.js';
import { RawClient } from '../fake-upstream/raw-client.js';
import { eventually } from '../stack.js';

const MB = 1024 * 1024;
const BODIES_LIMIT = 24 * MB;

/** A provider that takes connections and reads nothing. */
let deaf: Server;
let heard: Socket[] = [];

let edge: EdgeStack;
let database: Client;
beforeAll(async () => {
  deaf = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    heard.push(socket);
  });
  deaf.listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  edge = await startEdge({
    nowhere: `http://127.0.0.1:${(deaf.address() as AddressInfo).port}`,
    env: {
      KEYWARD_CLIENT_IDLE_MS: '1500',
      KEYWARD_UPSTREAM_IDLE_MS: '1000',
      KEYWARD_BODY_LIMIT: String(16 * MB),
      KEYWARD_BODIES_LIMIT: String(BODIES_LIMIT),
    },
  });
  database = new Client({ connectionString: edge.stack.servers.postgres });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await edge?.stop();
  for (const socket of heard) socket.destroy();
  deaf?.close();
});
beforeEach(() => {
  edge.reset();
  heard = [];
});

const MESSAGES = [{ role: 'user', content: 'Count.' }];
const CHAT = '/v1/chat/completions';
const streamOf = (fields: object = {}) =>
  edge.ask(CHAT, { model: 'fake', messages: MESSAGES, stream: true, ...fields });

/** The rows of a key that nobody else uses, once there are any. */
async function outcomesOf(id: string): Promise<string[]> {
  const { rows } = await eventually(
    () => database.query('SELECT outcome FROM usage.usage_event WHERE key_id = $1', [id]),
    ({ rows }) => rows.length > 0,
  );
  return rows.map(({ outcome }) => outcome as string);
}

const metric = async (name: string) => {
  const text = await (await fetch(`${edge.url}/metrics`)).text();
  return Number(new RegExp(`^${name}\\S* (\\d+)`, 'm').exec(text)?.[1]);
};

const head = (key: string, length: number, more = '') =>
  `POST ${CHAT} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer ${key}\r\ncontent-length: ${length}\r\n${more}\r\n`;

describe('a client that leaves', () => {
  it('before the answer has begun: nobody goes on working for it, and the ledger has one row', async () => {
    edge.one.control.always({ fault: 'hang' });
    const { id, key } = await edge.stack.admin.createKey();
    const leaving = new AbortController();
    const asked = edge.ask(
      CHAT,
      { model: 'fake', messages: MESSAGES },
      {
        signal: leaving.signal,
        headers: { authorization: `Bearer ${key}` },
      },
    );
    await edge.one.record.waitFor(1);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await edge.one.record.waitForEnd(1);
    expect(edge.one.record.requests[0]?.outcome).toBe('aborted');
    expect(await outcomesOf(id)).toEqual(['aborted']);
  });

  it('in the middle of a stream: the same', async () => {
    edge.one.control.always({ chunks: 10_000, delayMs: 5 });
    const { id, key } = await edge.stack.admin.createKey();
    const leaving = new AbortController();
    const reply = await edge.ask(
      CHAT,
      { model: 'fake', messages: MESSAGES, stream: true },
      {
        signal: leaving.signal,
        headers: { authorization: `Bearer ${key}` },
      },
    );
    await reply.body?.getReader().read();
    leaving.abort();
    await edge.one.record.waitForEnd(1);
    expect(edge.one.record.requests[0]?.outcome).toBe('aborted');
    expect(await outcomesOf(id)).toEqual(['aborted']);
  });

  it('while its body is still on the way to the provider: that ends too', async () => {
    const leaving = new AbortController();
    const content = 'x'.repeat(12 * MB);
    const asked = edge.ask(CHAT, { model: 'gone', messages: [{ role: 'user', content }] }, { signal: leaving.signal });
    const [socket] = await eventually(
      async () => heard,
      ([socket]) => socket !== undefined,
    );
    leaving.abort();
    await expect(asked).rejects.toThrow();
    // Only now does it read: what was sent of the body, and then that nobody is there any more.
    const closed = once(socket as Socket, 'close');
    let read = 0;
    socket?.on('data', (chunk: Buffer) => {
      read += chunk.length;
    });
    socket?.resume();
    await closed;
    expect(read).toBeLessThan(12 * MB);
  });

  it('before its body is whole: nothing is held of it', async () => {
    const client = await RawClient.open(edge.url);
    client.write(head(edge.key, 2 * MB) + 'x'.repeat(MB));
    await eventually(
      () => metric('keyward_body_bytes'),
      (bytes) => bytes >= MB,
    );
    client.leave();
    await eventually(
      () => metric('keyward_body_bytes'),
      (bytes) => bytes === 0,
    );
  });
});

describe('a client that is slow', () => {
  it('to send its body is told so, and let go', async () => {
    const client = await RawClient.open(edge.url);
    client.write(`${head(edge.key, 100)}{"model":`);
    const answer = await client.end();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('nothing came for 1500 ms');
  });

  it('to send its body, while its key is disabled, hears of that at once', async () => {
    const { id, key } = await edge.stack.admin.createKey();
    const client = await RawClient.open(edge.url);
    client.write(`${head(key, MB)}{"model":`);
    await eventually(
      () => metric('keyward_body_bytes'),
      (bytes) => bytes > 0,
    );
    await edge.stack.admin.call('POST', `/api/api-keys/${id}/disable`, {});
    expect(await client.until('key_disabled')).toMatch(/^HTTP\/1\.1 401 /);
    client.leave();
  });

  it('to send its headers as well', async () => {
    const client = await RawClient.open(edge.url);
    client.write(`POST ${CHAT} HTTP/1.1\r\nhost: gateway\r\n`);
    expect(await client.end()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('to read holds the provider back, and still gets everything', async () => {
    const chunks = Array.from({ length: 600 }, (_, index) => `${index} ${'y'.repeat(16 * 1024)}`);
    edge.one.control.always({ chunks });
    const client = await RawClient.open(edge.url);
    const body = JSON.stringify({ model: 'fake', messages: MESSAGES, stream: true });
    client.pause();
    client.write(head(edge.key, body.length) + body);
    await edge.one.record.waitFor(1);
    // Until what the sockets in between hold is full.
    let last = -1;
    await eventually(
      async () => edge.one.record.requests[0]?.chunksSent ?? 0,
      (sent) => {
        const stands = sent === last;
        last = sent;
        return stands && sent > 0;
      },
    );
    client.resume();
    const text = await client.until('data: [DONE]');
    // A frame may come in two chunks.
    const frames = text.replace(/\r\n[0-9a-f]+\r\n/g, '');
    expect(frames.match(/"content":"\d+ y/g)).toHaveLength(600);
  });

  it('and reads nothing at all is given up, and the provider with it', async () => {
    edge.one.control.always({ chunks: Array.from({ length: 4000 }, () => 'z'.repeat(16 * 1024)) });
    const { id, key } = await edge.stack.admin.createKey();
    const client = await RawClient.open(edge.url);
    const body = JSON.stringify({ model: 'fake', messages: MESSAGES, stream: true });
    client.pause();
    client.write(head(key, body.length) + body);
    await edge.one.record.waitFor(1);
    await edge.one.record.waitForEnd(1, 15_000);
    const [request] = edge.one.record.requests;
    expect(request?.outcome).toBe('aborted');
    expect(request?.chunksSent).toBeLessThan(4000);
    expect(await outcomesOf(id)).toEqual(['aborted']);
    client.leave();
  });
});

describe('a provider that stops in the middle', () => {
  it.each([
    ['falls silent', 'hang-mid-stream', 'upstream_timeout'],
    ['is cut between two frames', 'cut-mid-stream', 'upstream_error'],
    ['is cut within a frame', 'cut-mid-body', 'upstream_error'],
  ] as const)('of a stream and %s: the client is told, and never takes it for the end', async (_, fault, code) => {
    edge.one.control.always({ fault, chunks: 10 });
    const text = await (await streamOf()).text();
    expect(text).toContain('five');
    expect(text).not.toContain('[DONE]');
    expect(errorCodeIn(text)).toBe(code);
  });

  it('of a body: the connection goes before it is whole', async () => {
    edge.one.control.always({ fault: 'cut-mid-body' });
    const reply = await edge.ask(CHAT, { model: 'fake', messages: MESSAGES });
    await expect(reply.text()).rejects.toThrow();
  });

  it('in Anthropic’s dialect is told in the same words, which its SDK understands', async () => {
    edge.claude.control.always({ fault: 'cut-mid-stream' });
    const body = { model: 'sonnet', messages: MESSAGES, max_tokens: 9, stream: true };
    const text = await (await edge.ask('/v1/messages', body)).text();
    expect(errorCodeIn(text)).toBe('upstream_error');
  });

  it('and talks nonsense passes as it is: what it means is between it and the client', async () => {
    edge.one.control.always({ fault: 'malformed-sse' });
    const text = await (await streamOf()).text();
    expect(text).toContain('{"id":"broken"');
    expect(text).toContain('[DONE]');
  });
});

describe('much at once', () => {
  it('8 MB go to the provider and 8 MB come back, byte for byte', async () => {
    const answer = Buffer.from(JSON.stringify({ data: 'ä'.repeat(4 * MB), usage: { prompt_tokens: 1 } }));
    edge.one.control.always({ body: answer, framing: 'chunked' });
    const sent = JSON.stringify({ model: 'fake', input: 'é'.repeat(4 * MB) });
    const reply = await edge.ask('/v1/embeddings', sent);
    expect(answer.equals(Buffer.from(await reply.arrayBuffer()))).toBe(true);
    expect(edge.one.record.requests[0]?.body.equals(Buffer.from(sent))).toBe(true);
  });

  it('one connection serves one request after the other', async () => {
    const client = await RawClient.open(edge.url);
    const body = JSON.stringify({ model: 'fake', messages: MESSAGES });
    let text = '';
    for (let i = 1; i <= 3; i++) {
      client.write(head(edge.key, body.length) + body);
      await edge.one.record.waitForEnd(i);
      text = await client.until(`chatcmpl-fake${edge.one.record.requests[i - 1]?.id}`);
    }
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
    client.leave();
  });

  it('unfinished bodies take so much memory and no more: beyond it is a 503, and afterwards all is well', async () => {
    const part = 'x'.repeat(4 * MB);
    const clients = await Promise.all(Array.from({ length: 12 }, () => RawClient.open(edge.url)));
    for (const client of clients) client.write(head(edge.key, 8 * MB) + part);
    const refused = await Promise.any(clients.map((client) => client.until('service_unavailable')));
    expect(refused).toMatch(/^HTTP\/1\.1 503 /);
    expect(await metric('keyward_body_bytes')).toBeLessThanOrEqual(0.75 * BODIES_LIMIT);
    // What is left is for bodies as they usually are.
    expect((await streamOf()).status).toBe(200);
    for (const client of clients) client.leave();
    await eventually(
      () => metric('keyward_body_bytes'),
      (bytes) => bytes === 0,
    );
    const large = { model: 'fake', messages: [{ role: 'user', content: 'x'.repeat(8 * MB) }] };
    expect((await edge.ask(CHAT, large)).status).toBe(200);
  });
});
