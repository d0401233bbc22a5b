import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { backToNow, forward } from '../time-travel.js';
import { type AProject, aProject } from './a-project.js';

const DAY = 86_400_000;

let stack: Stack;
let project: AProject;
beforeAll(async () => {
  stack = await startStack();
  project = await aProject(stack, 'example');
});
afterAll(() => stack?.stop());
afterEach(backToNow);

describe('example.com', () => {
  it('E1 a Bearer key on every request', async () => {
    const { key } = await project.createKey();
    expect((await chat(stack.url, key)).status).toBe(200);
    expect((await fetch(`${stack.url}/v1/chat/completions`, { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it('E1 a prompt and a model, and a text for an answer', async () => {
    const { key } = await project.createKey();
    const reply = await fetch(`${stack.url}/v1/generate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'Hello, world!', model: 'echo' }),
    });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({ text: 'Hello, world!', model: 'echo', usage: { total_tokens: 8 } });
  });

  it('E2 several keys by purpose, told apart by name and tag', async () => {
    const ci = await project.createKey({ name: 'deploys', tags: { purpose: 'ci' } });
    await project.createKey({ name: 'the website', tags: { purpose: 'web' } });
    expect((await project.list('&tag=purpose:ci')).map((key) => key.id)).toEqual([ci.id]);
    expect(await project.list('&tag=purpose')).toHaveLength(2);
  });

  it('E3 a key has the permissions it was given, and no other exist', async () => {
    for (const scopes of [['read'], ['write'], ['admin'], ['webhook'], ['read', 'write']])
      expect((await project.createKey({ scopes })).scopes).toEqual(scopes);
    expect(await (await project.create({ scopes: ['root'] })).json()).toMatchObject({ status: 400, param: 'scopes.0' });
    expect((await project.createKey()).scopes).toEqual(['read']);
  });

  it('E3 keys authorise the admin API: without the permission it is 403', async () => {
    const reader = await project.createKey({ scopes: ['read'] });
    const writer = await project.createKey({ scopes: ['read', 'write'] });
    const ask = (key: string, method: string, path: string, body?: unknown) =>
      fetch(stack.url + path, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        body: body ? JSON.stringify(body) : undefined,
      });
    expect((await ask(reader.key, 'GET', '/api/api-keys')).status).toBe(200);
    const refused = await ask(reader.key, 'POST', '/api/api-keys', { name: 'by a reader' });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: 'permission_denied' });
    const fields = { name: 'by a writer', project_id: project.id };
    expect((await ask(writer.key, 'POST', '/api/api-keys', fields)).status).toBe(201);
    expect((await ask(writer.key, 'GET', '/api/audit-events')).status).toBe(403);
    const admin = await project.createKey({ scopes: ['admin'] });
    expect((await ask(admin.key, 'GET', '/api/audit-events')).status).toBe(200);
  });

  it('E4 an invalid key reads INVALID_API_KEY, in the envelope', async () => {
    const reply = await chat(stack.url, 'ex_0000000000000000000000000000000000000000');
    expect(reply.status).toBe(401);
    expect(await reply.json()).toMatchObject({
      success: false,
      error: { code: 'INVALID_API_KEY', message: 'The provided API key is invalid', details: { key_id: null } },
    });
  });

  it('E4 an expired key reads EXPIRED_API_KEY, with the moment', async () => {
    const { key, expires_at } = await project.createKey({ ttl: { value: 5, unit: 'minutes' } });
    forward(5 * 60_000);
    const reply = await eventually(
      () => chat(stack.url, key),
      ({ status }) => status === 401,
    );
    expect(await reply.json()).toMatchObject({
      success: false,
      error: { code: 'EXPIRED_API_KEY', message: 'The API key has expired', details: { expired_at: expires_at } },
    });
  });

  it('E4 a missing key reads MISSING_API_KEY, where example is the default', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyward-example-'));
    try {
      await cp('profiles', folder, { recursive: true });
      const own = await readFile(join(folder, 'keyward.yaml'), 'utf8');
      await writeFile(join(folder, 'keyward.yaml'), own.replace('errors: openai', 'errors: envelope'));
      const gateway = await stack.startGateway({ KEYWARD_PROFILES_DIR: folder });
      const reply = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: '{}' });
      expect(reply.status).toBe(401);
      expect(await reply.json()).toMatchObject({
        success: false,
        error: { code: 'MISSING_API_KEY', message: 'API key is required', details: { header: 'Authorization' } },
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('E5 every refusal has a message that can be read', async () => {
    const { key } = await project.createKey();
    const reply = await chat(stack.url, key, { model: 'there is none' });
    expect(reply.status).toBe(404);
    expect(await reply.json()).toMatchObject({
      success: false,
      error: { message: expect.stringMatching(/\w+ .+\.$/) },
    });
  });

  it('E6 rotation: create, update, test, delete; a reminder after 90 days without one', async () => {
    const { id, key } = await project.createKey();
    expect(await project.key(id)).toMatchObject({ rotation_due: false });
    forward(90 * DAY);
    // The session of the tests is over by then: the reminder is read as of now by who signs in now.
    const later = await signedIn();
    const due = async () => (await (await later(`/api/api-keys/${id}`)).json()) as Record<string, unknown>;
    expect(await due()).toMatchObject({ rotation_due: true });
    const rotated = (await (await later(`/api/api-keys/${id}/rotate`, 'POST')).json()) as Record<string, unknown>;
    expect(rotated).toMatchObject({ id, rotation_due: false });
    await eventually(
      () => chat(stack.url, String(rotated.key)),
      ({ status }) => status === 200,
    );
    expect((await chat(stack.url, key)).status).toBe(200);
    await later(`/api/api-keys/${id}/rotate/finish`, 'POST');
    expect((await chat(stack.url, key)).status).toBe(401);
  });
});

async function signedIn() {
  const reply = await fetch(`${stack.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: stack.env.KEYWARD_OWNER_EMAIL, password: stack.env.KEYWARD_OWNER_PASSWORD }),
  });
  const cookie = (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return (path: string, method = 'GET') => fetch(stack.url + path, { method, headers: { cookie } });
}
