import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Client } from 'pg';
import { digestOf } from '#domain/key/secret';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

const totalsOf = async (id: string) =>
  (await (await stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as Record<string, unknown>;

describe('a request walks through all four apps', () => {
  it('is answered by the provider, and its cost stands beside the key', async () => {
    const { id, key } = await stack.admin.createKey();
    const reply = await chat(stack.url, key);
    expect(reply.status).toBe(200);
    const { choices, usage } = (await reply.json()) as OpenAI.ChatCompletion;
    expect(choices[0]?.message.content).toBe('one two three');

    const view = await eventually(
      () => totalsOf(id),
      (key) => key.requests === 1,
    );
    // $1 per million tokens in, $2 out.
    const cost = (usage?.prompt_tokens ?? 0) + 2 * (usage?.completion_tokens ?? 0);
    expect(cost).toBeGreaterThan(0);
    expect(view.usage).toBe((cost / 1e6).toFixed(6));
    expect(view.last_used_at).not.toBeNull();
  });

  it('streams to the official SDK chunk by chunk, and costs the same', async () => {
    const { id, key } = await stack.admin.createKey();
    const client = new OpenAI({ baseURL: `${stack.url}/v1`, apiKey: key });
    const stream = await client.chat.completions.create({
      model: 'echo',
      stream: true,
      messages: [{ role: 'user', content: 'one two three' }],
    });
    const pieces: string[] = [];
    let usageFrames = 0;
    for await (const chunk of stream) {
      pieces.push(chunk.choices[0]?.delta.content ?? '');
      if (chunk.usage) usageFrames++;
    }
    expect(pieces.join('')).toBe('one two three');
    expect(pieces.length).toBeGreaterThan(3);
    // The gateway asked for the usage; a client that did not never sees it.
    expect(usageFrames).toBe(0);

    const plain = await stack.admin.createKey();
    await chat(stack.url, plain.key);
    const [streamed, whole] = await Promise.all(
      [id, plain.id].map((each) =>
        eventually(
          () => totalsOf(each),
          (key) => key.requests === 1,
        ),
      ),
    );
    expect(streamed?.usage).toBe(whole?.usage);
  });

  it('gives a client that asks for the usage of its stream what it asked for', async () => {
    const { key } = await stack.admin.createKey();
    const client = new OpenAI({ baseURL: `${stack.url}/v1`, apiKey: key });
    const stream = await client.chat.completions.create({
      model: 'echo',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'one two three' }],
    });
    const usages = [];
    for await (const chunk of stream) if (chunk.usage) usages.push(chunk.usage);
    expect(usages).toHaveLength(1);
    expect(usages[0]?.completion_tokens).toBeGreaterThan(0);
  });

  it('keeps the secret as its SHA-256 and nowhere else', async () => {
    const { id, key } = await stack.admin.createKey({ name: 'canary' });
    const database = new Client({ connectionString: stack.servers.postgres });
    await database.connect();
    try {
      const { rows: tables } = await database.query(
        "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('keys', 'usage', 'policy')",
      );
      let dump = '';
      for (const { name } of tables)
        dump += JSON.stringify((await database.query(`SELECT t::text FROM ${name} t`)).rows);
      expect(dump).toContain(id);
      expect(dump).toContain(digestOf(key));
      expect(dump).not.toContain(key);
      expect(dump).not.toContain(key.slice(7, -4));
    } finally {
      await database.end();
    }
    const list = await (await stack.admin.call('GET', '/api/api-keys')).text();
    expect(list).toContain(id);
    expect(list).not.toContain(key);
  });
});

describe('a deleted key', () => {
  it('is refused by the next call, on every gateway', async () => {
    const other = await stack.startGateway();
    const { id, key } = await stack.admin.createKey();
    const gateways = [stack.url, other.url as string];
    for (const url of gateways) expect((await chat(url, key)).status).toBe(200);

    expect((await stack.admin.call('DELETE', `/api/api-keys/${id}`)).status).toBe(200);
    expect((await chat(stack.url, key)).status).toBe(401);
    for (const url of gateways)
      await eventually(
        () => chat(url, key),
        ({ status }) => status === 401,
        2000,
      );
    expect((await stack.admin.call('GET', `/api/api-keys/${id}`)).status).toBe(404);
    expect((await stack.admin.call('DELETE', `/api/api-keys/${id}`)).status).toBe(404);
  });
});

describe('an expired key', () => {
  it('is refused from its very moment on, with nobody told', async () => {
    const expires = new Date(Date.now() + 1200);
    const { key } = await stack.admin.createKey({ expires_at: expires.toISOString() });
    expect((await chat(stack.url, key)).status).toBe(200);
    await eventually(
      async () => Date.now(),
      (now) => now > expires.getTime(),
    );
    const reply = await chat(stack.url, key);
    expect(reply.status).toBe(401);
    expect(reply.headers.get('x-keyward-error-code')).toBe('key_expired');
  });
});
