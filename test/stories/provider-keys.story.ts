import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { PeopleRpc } from '#contracts/people';
import { ProviderKeysRpc, type ProviderKeyView } from '#contracts/provider-keys';
import { USAGE_SUBJECT, type UsageEvent } from '#contracts/usage';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import type { Running } from '#runtime/run';
import { start as startPolicy } from '../../apps/policy/src/main.js';
import { type FakeUpstream, startFakeUpstream } from '../fake-upstream/fake-upstream.js';
import { type Person, person } from '../people.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

const DEPLOYMENTS = 'sk-of-the-installation';
const OWN = 'sk-own-of-the-project-0123456789';

let stack: Stack;
let second: Running;
/** The policy service after it was away. */
let revived: Running | undefined;
let upstream: FakeUpstream;
let elsewhere: FakeUpstream;
let bus: NatsConnection;
let stranger: Person;
let strangersProject: string;
let made = 0;

beforeAll(async () => {
  [upstream, elsewhere] = await Promise.all([startFakeUpstream(), startFakeUpstream()]);
  stack = await startStack({ env: { UP_API_KEY: DEPLOYMENTS, ELSE_API_KEY: 'sk-elsewhere' } });
  second = await stack.startGateway();
  for (const [id, { url }, env] of [
    ['up', upstream, 'UP_API_KEY'],
    ['else', elsewhere, 'ELSE_API_KEY'],
  ] as const) {
    await ask(201, 'POST', '/api/providers', { id, origin: url, credential_env: env });
    await ask(201, 'POST', '/api/models', {
      id: `${id}-model`,
      routes: [{ provider: id, price: { input: 1, output: 1 } }],
    });
  }
  await ask(201, 'POST', '/api/providers', {
    id: 'claude',
    origin: upstream.url,
    dialect: 'anthropic',
    credential_env: 'UP_API_KEY',
  });
  await ask(201, 'POST', '/api/models', { id: 'claude-model', routes: [{ provider: 'claude', free: true }] });
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  overhear();
  const owner = { email: 'owner@other.test', password: 'the password of the other' };
  const wanted = { name: 'Other', owner: { ...owner, name: 'Other owner' }, project: { name: 'Other first' } };
  const other = await new BusClient({ connection: bus, service: 'platform' }).call(
    PeopleRpc.createOrganization,
    wanted,
  );
  strangersProject = other.project.id;
  stranger = await person(stack.url, owner);
  const warm = await newProject();
  for (const model of ['up-model', 'else-model', 'claude-model'])
    for (const url of [stack.url, second.url as string])
      await eventually(
        async () => (await send(url, warm.key, model)).status,
        (status) => status === 200,
      );
});
afterAll(async () => {
  await bus?.close();
  await stack?.stop();
  await revived?.stop();
  await Promise.all([upstream?.stop(), elsewhere?.stop()]);
});
beforeEach(() => {
  upstream.record.clear();
  elsewhere.record.clear();
});

async function ask<T>(status: number, method: string, path: string, body?: unknown, headers?: Record<string, string>) {
  const reply = await stack.admin.call(method, path, body, headers);
  const text = await reply.text();
  if (reply.status !== status) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

async function newProject(): Promise<{ id: string; key: string; keyId: string }> {
  const { id } = await ask<{ id: string }>(201, 'POST', '/api/projects', { name: `project ${++made}` });
  const { key, id: keyId } = await stack.admin.createKey({ project_id: id });
  return { id, key, keyId };
}

const bring = (project_id: string, provider = 'up', secret = OWN) =>
  ask<ProviderKeyView>(201, 'POST', '/api/provider-keys', { project_id, provider, name: 'ours', secret });

function send(url: string, key: string, model: string): Promise<Response> {
  if (!model.startsWith('claude')) return chat(url, key, { model });
  const body = { model, max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] };
  const headers = { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
  return fetch(`${url}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** What the provider was asked with, over one gateway. */
async function credentialOver(url: string, key: string, model = 'up-model'): Promise<string | null> {
  const reply = await send(url, key, model);
  await reply.text();
  if (reply.status !== 200) return `refused: ${reply.status}`;
  return (model === 'else-model' ? elsewhere : upstream).record.requests.at(-1)?.credential ?? null;
}

async function everywhere(key: string, credential: string): Promise<void> {
  for (const url of [stack.url, second.url as string])
    await eventually(
      () => credentialOver(url, key),
      (used) => used === credential,
      2000,
    );
}

/** What the ledger will be told of a key’s requests. */
const told: UsageEvent[] = [];

function overhear(): void {
  bus.subscribe(USAGE_SUBJECT, {
    callback: (_, message) => void told.push(...message.json<{ events: UsageEvent[] }>().events),
  });
}

async function toldOf(keyId: string, provider: string): Promise<boolean[]> {
  return told.filter((event) => event.key_id === keyId && event.provider === provider).map(({ own_key }) => own_key);
}

describe('a project’s own key', () => {
  it('is used at every gateway within two seconds, for its provider only, and the ledger knows', async () => {
    const { id, key, keyId } = await newProject();
    expect(await credentialOver(stack.url, key)).toBe(DEPLOYMENTS);
    const view = await bring(id);
    expect(view).toMatchObject({ project_id: id, provider: 'up', preview: 'sk-…6789', status: 'active', revision: 1 });
    expect(JSON.stringify(view)).not.toContain(OWN);
    await everywhere(key, OWN);
    expect(await credentialOver(stack.url, key, 'else-model')).toBe('sk-elsewhere');
    expect(
      await eventually(
        () => toldOf(keyId, 'else'),
        (own) => own.length > 0,
      ),
    ).toEqual([false]);
    const own = await toldOf(keyId, 'up');
    expect([own.at(0), own.at(-1)]).toEqual([false, true]);
    const other = await newProject();
    expect(await credentialOver(stack.url, other.key)).toBe(DEPLOYMENTS);
  });

  it('goes in the header of its provider’s dialect', async () => {
    const { id, key } = await newProject();
    await bring(id, 'claude');
    await eventually(
      () => credentialOver(stack.url, key, 'claude-model'),
      (used) => used === OWN,
      2000,
    );
    const received = upstream.record.requests.at(-1);
    expect(received?.header('x-api-key')).toBe(OWN);
    expect(received?.header('authorization')).toBeNull();
  });

  it('is replaced, and forgotten, everywhere within two seconds', async () => {
    const { id, key } = await newProject();
    const { id: own } = await bring(id);
    await everywhere(key, OWN);
    const next = `${OWN}-next`;
    const view = await ask<ProviderKeyView>(200, 'PATCH', `/api/provider-keys/${own}`, { name: 'new', secret: next });
    expect(view).toMatchObject({ name: 'new', preview: 'sk-…next', revision: 2 });
    await everywhere(key, next);
    await ask(204, 'DELETE', `/api/provider-keys/${own}`);
    await everywhere(key, DEPLOYMENTS);
    await ask(404, 'GET', `/api/provider-keys/${own}`);
  });

  it('is one for each provider of a project', async () => {
    const { id } = await newProject();
    await bring(id);
    await bring(id, 'else');
    const wanted = { project_id: id, provider: 'up', name: 'x', secret: OWN };
    expect(await ask<object>(409, 'POST', '/api/provider-keys', wanted)).toMatchObject({ code: 'conflict' });
    await ask(400, 'POST', '/api/provider-keys', { ...wanted, provider: 'nobody' });
    await ask(400, 'POST', '/api/provider-keys', { ...wanted, provider: 'else', secret: `${OWN}\r\nx-evil: 1` });
    const { data } = await ask<{ data: ProviderKeyView[] }>(200, 'GET', `/api/provider-keys?project=${id}`);
    expect(data.map(({ provider }) => provider)).toEqual(['up', 'else']);
  });

  it('P12: never goes to another place than it was entered for; entered again, it goes to the new one', async () => {
    const { id, key } = await newProject();
    await ask(201, 'POST', '/api/providers', { id: 'moving', origin: upstream.url, credential_env: 'UP_API_KEY' });
    await ask(201, 'POST', '/api/models', { id: 'moving-model', routes: [{ provider: 'moving', free: true }] });
    const { id: own } = await bring(id, 'moving');
    const over = () => credentialOver(stack.url, key, 'moving-model');
    await eventually(over, (used) => used === OWN, 2000);
    await ask(200, 'PATCH', '/api/providers/moving', { origin: elsewhere.url });
    await eventually(over, (used) => used === 'refused: 502', 2000);
    expect(elsewhere.record.requests).toEqual([]);
    const moved = await ask<ProviderKeyView>(200, 'GET', `/api/provider-keys/${own}`);
    expect(moved.status).toBe('reenter');
    await ask(200, 'PATCH', `/api/provider-keys/${own}`, { secret: OWN });
    await eventually(over, () => elsewhere.record.requests.length > 0, 2000);
    expect(elsewhere.record.requests.map(({ credential }) => credential)).toEqual([OWN]);
  });

  it('is nobody else’s: by no id of a key or a project, and in no list', async () => {
    const { id } = await newProject();
    const { id: own } = await bring(id);
    const path = `/api/provider-keys/${own}`;
    const wanted = { project_id: id, provider: 'else', name: 'theirs', secret: OWN };
    for (const [method, url, body] of [
      ['GET', path, undefined],
      ['PATCH', path, { secret: 'sk-of-somebody-else' }],
      ['DELETE', path, undefined],
      ['POST', '/api/provider-keys', wanted],
    ] as const)
      expect([method, (await stranger.call(method, url, body)).status]).toEqual([method, 404]);
    expect(await stranger.read(`/api/provider-keys?project=${id}`)).toMatchObject({ data: [] });
    expect(JSON.stringify(await stranger.read('/api/provider-keys'))).not.toContain(own);
    await ask(404, 'POST', '/api/provider-keys', { ...wanted, project_id: strangersProject });
    const asked = { organization_id: stranger.member.organization_id, project_id: id };
    const client = new BusClient({ connection: bus, service: 'gateway' });
    expect((await client.call(ProviderKeysRpc.resolveProviderKeys, asked)).keys).toEqual([]);
    const actor = `member:${stranger.member.id}`;
    await expect(client.call(ProviderKeysRpc.resolveProviderKeys, asked, { actor })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  it('is managed by admins: a key that may only write sees it and changes nothing', async () => {
    const { id } = await newProject();
    const { id: own } = await bring(id);
    const { key } = await stack.admin.createKey({ project_id: id, scopes: ['read', 'write'] });
    const asKey = { cookie: '', authorization: `Bearer ${key}` };
    await ask(200, 'GET', `/api/provider-keys/${own}`, undefined, asKey);
    await ask(403, 'DELETE', `/api/provider-keys/${own}`, undefined, asKey);
    await ask(403, 'POST', '/api/provider-keys', { project_id: id, provider: 'else', name: 'x', secret: OWN }, asKey);
  });

  it('stands in the audit log without its secret', async () => {
    const { id } = await newProject();
    const { id: own } = await bring(id);
    await ask(200, 'PATCH', `/api/provider-keys/${own}`, { secret: `${OWN}-next` });
    await ask(204, 'DELETE', `/api/provider-keys/${own}`);
    const log = () => ask<{ data: object[] }>(200, 'GET', `/api/audit-events?subject=${own}`);
    const { data } = await eventually(log, (page) => page.data.length === 3);
    expect(data).toMatchObject([
      { action: 'provider_key.delete' },
      { action: 'provider_key.update', after: { secret: 'replaced', preview: 'sk-…next' } },
      { action: 'provider_key.create', after: { project_id: id, provider: 'up', preview: 'sk-…6789' } },
    ]);
    expect(JSON.stringify(data)).not.toContain(OWN);
  });
});

describe('while the policy service is away', () => {
  it('what is known of a project goes on, and what is not is an outage and never the installation’s credential', async () => {
    const known = await newProject();
    const unknown = await newProject();
    await bring(known.id);
    await everywhere(known.key, OWN);
    await stack.apps.policy.stop();
    try {
      expect(await credentialOver(stack.url, known.key)).toBe(OWN);
      expect(await credentialOver(stack.url, unknown.key)).toBe('refused: 503');
    } finally {
      revived = await startPolicy(stack.env);
    }
    await eventually(
      () => credentialOver(stack.url, unknown.key),
      (used) => used === DEPLOYMENTS,
    );
  });
});
