import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Client } from 'pg';
import { digestOf } from '#domain/key/secret';
import { formatMoney, parseMoney } from '#domain/money';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { type AProject, aProject } from './a-project.js';

const NEXT_YEAR = new Date().getUTCFullYear() + 1;

let stack: Stack;
let project: AProject;
beforeAll(async () => {
  stack = await startStack();
  project = await aProject(stack, 'aicredits');
});
afterAll(() => stack?.stop());

describe('AICredits', () => {
  it('A1 /v1 takes the Bearer key, /api the JWT cookie named token', async () => {
    const { key } = await project.createKey();
    expect((await fetch(`${stack.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
    expect(stack.admin.cookie).toMatch(/^token=[\w-]+\.[\w-]+\.[\w-]+$/);
    expect((await fetch(`${stack.url}/api/api-keys`, { headers: { cookie: stack.admin.cookie } })).status).toBe(200);
    expect((await fetch(`${stack.url}/api/api-keys`)).status).toBe(401);
    expect((await fetch(`${stack.url}/v1/models`, { headers: { cookie: stack.admin.cookie } })).status).toBe(401);
  });

  it('A2 a key is sk- and 64 hex, kept as SHA-256, cached and revoked at once all the same', async () => {
    const { id, key } = await project.createKey();
    expect(key).toMatch(/^sk-[0-9a-f]{64}$/);
    const database = new Client({ connectionString: stack.servers.postgres });
    await database.connect();
    const { rows } = await database.query('SELECT digest FROM keys.key_secret WHERE key_id = $1', [id]);
    await database.end();
    expect(rows).toEqual([{ digest: digestOf(key) }]);
    for (let i = 0; i < 3; i++) expect((await chat(stack.url, key)).status).toBe(200);
    await project.post(`/${id}/disable`);
    expect((await chat(stack.url, key)).status).toBe(401);
  });

  it('A3 the new key is displayed once', async () => {
    const { id, key } = await project.createKey();
    expect(JSON.stringify(await project.key(id))).not.toContain(key);
  });

  it('A4 the options have their defaults: 60 requests a minute, no cap, no expiry', async () => {
    const { id } = await project.createKey();
    expect(await project.key(id)).toMatchObject({ budget: null, expires_at: null, currency: 'INR' });
    const { data } = (await (await stack.admin.call('GET', '/api/plans')).json()) as {
      data: Record<string, unknown>[];
    };
    expect(data).toContainEqual(expect.objectContaining({ profile: 'aicredits', rate_limit: 60 }));
  });

  it('A4 expires_at is an ISO time or a date, which means the end of that day', async () => {
    const time = `${NEXT_YEAR}-03-01T10:00:00+05:30`;
    expect((await project.createKey({ expires_at: time })).expires_at).toBe(`${NEXT_YEAR}-03-01T04:30:00.000Z`);
    const date = await project.createKey({ expires_at: `${NEXT_YEAR}-02-28` });
    expect(date.expires_at).toBe(new Date(Date.parse(`${NEXT_YEAR}-02-28`) + 86_400_000).toISOString());
  });

  it('A4 what a key spends is counted in rupees, at the rate of the profile', async () => {
    const { id, key } = await project.createKey();
    const reply = await chat(stack.url, key);
    const { usage } = (await reply.json()) as OpenAI.ChatCompletion;
    // $1 for a million tokens in, $2 out; 88 rupees for a dollar.
    const nanoDollars = 1000 * (usage?.prompt_tokens ?? 0) + 2000 * (usage?.completion_tokens ?? 0);
    const view = await eventually(
      () => project.key(id),
      (key) => key.requests === 1,
    );
    expect(nanoDollars).toBeGreaterThan(0);
    expect(view).toMatchObject({ usage: formatMoney(BigInt(nanoDollars) * 88n), currency: 'INR' });
  });

  it('A5 POST /api/api-keys takes the cookie and exactly these fields', async () => {
    const body = { name: 'My key', rate_limit: 100, budget: 1000, expires_at: `${NEXT_YEAR}-12-31` };
    const reply = await stack.admin.call('POST', '/api/api-keys', body);
    expect(reply.status).toBe(201);
    expect(await reply.json()).toMatchObject({
      name: 'My key',
      rate_limit: 100,
      budget: '1000.00',
      expires_at: `${NEXT_YEAR + 1}-01-01T00:00:00.000Z`,
    });
    const { budget, ...inRupees } = await project.createKey({ ...body, name: 'My key in rupees' });
    expect(parseMoney(String(budget))).toBe(parseMoney('1000'));
    expect(inRupees).toMatchObject({ currency: 'INR', rate_limit: 100 });
  });

  it('A6 the OpenAI SDK works with the base URL', async () => {
    const client = new OpenAI({ baseURL: `${stack.url}/v1`, apiKey: (await project.createKey()).key });
    expect((await client.models.list()).data.map((model) => model.id)).toContain('echo');
  });

  it('A7 a key is deleted, and replaced by another', async () => {
    const old = await project.createKey({ name: 'replaced' });
    expect((await stack.admin.call('DELETE', `/api/api-keys/${old.id}`)).status).toBe(200);
    const fresh = await project.createKey({ name: 'replaced' });
    expect((await chat(stack.url, old.key)).status).toBe(401);
    expect((await chat(stack.url, fresh.key)).status).toBe(200);
  });
});
