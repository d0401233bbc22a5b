import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Client } from 'pg';
import { digestOf } from '#domain/key/secret';
import type { Running } from '#runtime/run';
import { start as startEcho } from '../../apps/echo/src/main.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { type AProject, aProject } from './a-project.js';

let stack: Stack;
let echo: Running;
let folder: string;
let project: AProject;

beforeAll(async () => {
  echo = await startEcho({ KEYWARD_ECHO_PORT: '0', KEYWARD_ECHO_PACE_MILLISECONDS: '1' });
  folder = await mkdtemp(join(tmpdir(), 'keyward-dosai-'));
  const catalogue = join(folder, 'catalogue.yaml');
  await writeFile(
    catalogue,
    `currency: USD
providers:
  dos: { dialect: openai, origin: '${echo.url}' }
models:
  dos-ai:
    - { provider: dos, upstream_model: echo, price: { input: '1', cached_input: '1', output: '2' } }
`,
  );
  stack = await startStack({ env: { KEYWARD_CATALOGUE_FILE: catalogue } });
  project = await aProject(stack, 'dosai', 'plus');
});
afterAll(async () => {
  await stack?.stop();
  await echo?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe('DOS AI', () => {
  it('D1 a key is dos_sk_ and 32 characters', async () => {
    for (let i = 0; i < 5; i++) expect((await project.createKey()).key).toMatch(/^dos_sk_[0-9A-Za-z]{32}$/);
  });

  it('D2 the raw key is in no table; its SHA-256 is', async () => {
    const { id, key } = await project.createKey();
    await project.post(`/${id}/rotate`, {});
    await chat(stack.url, key, { model: 'dos-ai' });
    const database = new Client({ connectionString: stack.servers.postgres });
    await database.connect();
    try {
      const { rows: tables } = await database.query(
        "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('keys', 'usage', 'policy')",
      );
      let dump = '';
      for (const { name } of tables)
        dump += JSON.stringify((await database.query(`SELECT t::text FROM ${name} t`)).rows);
      expect(dump).toContain(digestOf(key));
      expect(dump).not.toContain(key);
      expect(dump).not.toContain(key.slice('dos_sk_'.length + 4, -4));
    } finally {
      await database.end();
    }
  });

  it('D3 the key is displayed once: no later answer has it', async () => {
    const { id, key } = await project.createKey();
    expect(JSON.stringify(await project.key(id))).not.toContain(key);
    expect(JSON.stringify(await project.list())).not.toContain(key);
  });

  it('D4 no limit on active keys; revoking one leaves the others working', async () => {
    const keys = [];
    for (let i = 0; i < 25; i++) keys.push(await project.createKey());
    const [first, ...others] = keys;
    expect((await stack.admin.call('DELETE', `/api/api-keys/${first?.id}`)).status).toBe(200);
    expect((await chat(stack.url, first?.key ?? '', { model: 'dos-ai' })).status).toBe(401);
    for (const { key } of others.slice(-3)) expect((await chat(stack.url, key, { model: 'dos-ai' })).status).toBe(200);
    const { keys: count } = (await (await stack.admin.call('GET', `/api/projects/${project.id}`)).json()) as {
      keys: { used: number; allowed: number | null };
    };
    expect(count.allowed).toBeNull();
    expect(count.used).toBeGreaterThanOrEqual(24);
  });

  it('D5 a Bearer key on every request; missing or invalid is 401', async () => {
    const ask = (authorization?: string) =>
      fetch(`${stack.url}/v1/models`, { headers: authorization === undefined ? {} : { authorization } });
    expect((await ask()).status).toBe(401);
    expect((await ask('Bearer dos_sk_nope')).status).toBe(401);
    expect((await ask(`Bearer ${(await project.createKey()).key}`)).status).toBe(200);
  });

  it('D6 the official SDK needs the base URL and the key, and nothing else', async () => {
    const { key } = await project.createKey();
    const client = new OpenAI({ baseURL: `${stack.url}/v1`, apiKey: key });
    const answer = await client.chat.completions.create({
      model: 'dos-ai',
      messages: [{ role: 'user', content: 'hello there' }],
    });
    expect(answer.choices[0]?.message.content).toBe('hello there');
  });

  it('D7 the list shows name, creation date and last use', async () => {
    const { id, key } = await project.createKey({ name: 'seen in the list' });
    const listed = async () => (await project.list('&q=seen in the list'))[0] ?? {};
    expect(await listed()).toMatchObject({ id, name: 'seen in the list', last_used_at: null });
    expect(Date.parse(String((await listed()).created_at))).not.toBeNaN();
    await chat(stack.url, key, { model: 'dos-ai' });
    await eventually(listed, (row) => typeof row.last_used_at === 'string');
  });

  it('D8 delete revokes at once, on every gateway', async () => {
    const other = await stack.startGateway();
    const { id, key } = await project.createKey();
    const gateways = [stack.url, other.url as string];
    for (const url of gateways) expect((await chat(url, key, { model: 'dos-ai' })).status).toBe(200);
    const reply = await stack.admin.call('DELETE', `/api/api-keys/${id}`);
    const { receipt } = (await reply.json()) as { receipt: { gateways: number; acknowledged: number } };
    expect(receipt).toMatchObject({ gateways: 2, acknowledged: 2 });
    // The receipt says that both know: so the very next call is refused.
    for (const url of gateways) expect((await chat(url, key, { model: 'dos-ai' })).status).toBe(401);
  });

  it.each([
    ['free', 60, 100_000],
    ['plus', 120, 500_000],
    ['pro', 300, 2_000_000],
  ])('D9 the plan %s allows %d requests and %d tokens a minute, and a key no more', async (plan, rpm, tpm) => {
    const { data } = (await (await stack.admin.call('GET', '/api/plans')).json()) as {
      data: Record<string, unknown>[];
    };
    expect(data).toContainEqual(
      expect.objectContaining({ profile: 'dosai', name: plan, rate_limit: rpm, token_limit: tpm }),
    );
    const { create } = await aProject(stack, 'dosai', plan);
    expect((await create({ rate_limit: rpm, token_limit: tpm })).status).toBe(201);
    expect(await (await create({ rate_limit: rpm + 1 })).json()).toMatchObject({ status: 400, param: 'rate_limit' });
    expect(await (await create({ token_limit: tpm + 1 })).json()).toMatchObject({ status: 400, param: 'token_limit' });
  });

  it('D12 an invalid key is refused in exactly these words', async () => {
    const reply = await chat(stack.url, 'dos_sk_00000000000000000000000000000000');
    expect(reply.status).toBe(401);
    expect(await reply.json()).toMatchObject({
      error: { message: 'Invalid API key', type: 'authentication_error', code: 'invalid_api_key' },
    });
  });

  it('D13 rotation by hand: old and new work until the old one is deleted', async () => {
    const old = await project.createKey();
    const fresh = await project.createKey();
    for (const { key } of [old, fresh]) expect((await chat(stack.url, key, { model: 'dos-ai' })).status).toBe(200);
    await stack.admin.call('DELETE', `/api/api-keys/${old.id}`);
    expect((await chat(stack.url, old.key, { model: 'dos-ai' })).status).toBe(401);
    expect((await chat(stack.url, fresh.key, { model: 'dos-ai' })).status).toBe(200);
  });
});
