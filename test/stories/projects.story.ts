import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { Client } from 'pg';
import { KeysRpc } from '#contracts/keys';
import type { Plan, Project } from '#contracts/projects';
import { digestOf } from '#domain/key/secret';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { type Person, person, signedIn, visitor } from '../people.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

const PASSWORD = 'correct-horse-battery';

let dir: string;
let stack: Stack;
let bus: NatsConnection;
let client: BusClient;
let db: Client;
let owner: Person;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'keyward-profiles-'));
  await cp('profiles', dir, { recursive: true });
  stack = await startStack({ env: { KEYWARD_PROFILES_DIR: dir } });
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'test' });
  db = new Client({ connectionString: stack.servers.postgres, options: '-c search_path=keys' });
  await db.connect();
  owner = await person(stack.url, { email: 'owner@keyward.test', password: PASSWORD });
});
afterAll(async () => {
  await db?.end();
  await bus?.close();
  await stack?.stop();
  await rm(dir, { recursive: true, force: true });
});

let made = 0;
const create = (fields: object = {}) => owner.call('POST', '/api/projects', { name: `project ${++made}`, ...fields });
const created = async (fields: object = {}) => (await (await create(fields)).json()) as Project;
const refusal = async (reply: Response) => (await reply.json()) as { code: string; param?: string };
const resolved = async (secret: string) =>
  (await client.call(KeysRpc.resolveKey, { digest: digestOf(secret), at_least: await head() })).key;
const head = async () => Number((await db.query('SELECT revision FROM head')).rows[0].revision);

describe('a project', () => {
  it('names a profile, and has that profile’s first plan and currency where none is named', async () => {
    const project = await created({ profile: 'aicredits' });
    expect(project).toMatchObject({
      profile: 'aicredits',
      currency: 'INR',
      defaults: { rate_limit: null, token_limit: null, max_parallel: null },
      keys: { used: 0 },
      revision: 1,
    });
    expect((await created()).plan).toBe('free');
    const { rows } = await db.query("SELECT * FROM audit_event WHERE action = 'project.create' AND subject = $1", [
      project.id,
    ]);
    expect(rows).toMatchObject([{ actor: `member:${owner.member.id}`, after: { profile: 'aicredits' } }]);
  });

  it.each([
    ['a profile that is not there', { profile: 'nope' }, 'profile'],
    ['a plan of another profile', { profile: 'doteb', plan: 'plus' }, 'plan'],
    ['a default above the plan’s maximum', { plan: 'free', defaults: { rate_limit: 61 } }, 'defaults.rate_limit'],
    ['tokens above the plan’s maximum', { plan: 'free', defaults: { token_limit: 100_001 } }, 'defaults.token_limit'],
    ['a default of nothing', { defaults: { rate_limit: 0 } }, 'defaults.rate_limit'],
    ['an unknown field', { defaults: { rate: 1 } }, 'defaults.rate'],
    ['no name', { name: '  ' }, 'name'],
  ])('is refused with %s', async (_, fields, param) => {
    const reply = await create(fields);
    expect(reply.status).toBe(400);
    expect(await refusal(reply)).toMatchObject({ code: 'invalid_request', param });
  });

  it('has a name of its own, in any letters, also where two take one at once', async () => {
    await created({ name: 'Taken' });
    const reply = await create({ name: 'tAKEN' });
    expect(reply.status).toBe(409);
    expect(await refusal(reply)).toMatchObject({ code: 'conflict', param: 'name' });
    const both = await Promise.all([create({ name: 'Race' }), create({ name: 'race' })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const other = await created();
    expect((await owner.call('PATCH', `/api/projects/${other.id}`, { name: 'TAKEN' })).status).toBe(409);
    expect((await owner.call('PATCH', `/api/projects/${other.id}`, { name: other.name.toUpperCase() })).status).toBe(
      200,
    );
  });

  it('counts its keys, and goes only when it has none; its name is free then', async () => {
    const project = await created({ name: 'Short-lived' });
    const path = `/api/projects/${project.id}`;
    const key = await stack.admin.createKey({ project_id: project.id });
    expect(await owner.read(path)).toMatchObject({ keys: { used: 1, allowed: 20 } });
    const refused = await owner.call('DELETE', path);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ details: { keys: 1 } });
    await stack.admin.call('DELETE', `/api/api-keys/${key.id}`);
    expect((await owner.call('DELETE', path)).status).toBe(204);
    expect((await owner.call('GET', path)).status).toBe(404);
    expect((await create({ name: 'Short-lived' })).status).toBe(201);
  });

  it('is not deleted around a key that is being made', async () => {
    for (let round = 0; round < 5; round++) {
      const { id } = await created();
      const [key, gone] = await Promise.all([
        stack.admin.call('POST', '/api/api-keys', { name: 'racing', project_id: id }),
        owner.call('DELETE', `/api/projects/${id}`),
      ]);
      expect([201, 404]).toContain(key.status);
      expect(gone.status).toBe(key.status === 201 ? 409 : 204);
    }
  });

  it('is changed by those who manage the organization, and read by everybody in it', async () => {
    const email = 'reader@keyward.test';
    const { token } = (await (await owner.call('POST', '/api/invitations', { email, role: 'member' })).json()) as {
      token: string;
    };
    const accepted = { token, name: 'Reader', password: PASSWORD };
    const member = await signedIn(
      stack.url,
      await visitor(stack.url).call('POST', '/api/invitations/accept', accepted),
    );
    const project = await created();
    expect(await member.read(`/api/projects/${project.id}`)).toMatchObject({ id: project.id });
    expect((await member.call('POST', '/api/projects', { name: 'mine' })).status).toBe(403);
    expect((await member.call('PATCH', `/api/projects/${project.id}`, { plan: 'enterprise' })).status).toBe(403);
    expect((await member.call('DELETE', `/api/projects/${project.id}`)).status).toBe(403);
  });

  it('asked for twice with one Idempotency-Key is one; changed with an old ETag it is refused', async () => {
    const ask = (name: string) => owner.call('POST', '/api/projects', { name }, { 'idempotency-key': 'project-once' });
    const first = await ask('Once');
    const { id } = (await first.json()) as Project;
    expect(((await (await ask('Once')).json()) as Project).id).toBe(id);
    expect((await ask('Other')).status).toBe(422);
    const etag = first.headers.get('etag') ?? '';
    const path = `/api/projects/${id}`;
    expect((await owner.call('PATCH', path, { name: 'Twice' }, { 'if-match': etag })).status).toBe(200);
    expect((await owner.call('PATCH', path, { name: 'Thrice' }, { 'if-match': etag })).status).toBe(412);
  });
});

describe('plans', () => {
  it('of every profile are listed', async () => {
    const { data } = await owner.read<{ data: Plan[] }>('/api/plans');
    expect(data).toContainEqual({
      profile: 'keyward',
      name: 'free',
      keys_per_project: 20,
      rate_limit: 60,
      max_rate_limit: 60,
      token_limit: 100_000,
      max_token_limit: 100_000,
    });
    expect(new Set(data.map((plan) => plan.profile))).toEqual(
      new Set(['keyward', 'dosai', 'example', 'aicredits', 'osm', 'doteb']),
    );
  });

  it('a smaller one binds at once, whatever was set under the larger, and no key is lost', async () => {
    const project = await created({ plan: 'pro', defaults: { rate_limit: 200 } });
    const path = `/api/projects/${project.id}`;
    const [plain, own] = [
      await stack.admin.createKey({ project_id: project.id }),
      await stack.admin.createKey({ project_id: project.id, rate_limit: 250 }),
    ];
    expect([(await resolved(plain.key))?.rate_limit, (await resolved(own.key))?.rate_limit]).toEqual([200, 250]);

    expect((await owner.call('PATCH', path, { plan: 'free', defaults: { rate_limit: 100 } })).status).toBe(400);
    const smaller = (await (await owner.call('PATCH', path, { plan: 'free' })).json()) as Project;
    expect(smaller).toMatchObject({ plan: 'free', defaults: { rate_limit: 60 }, keys: { used: 2, allowed: 20 } });
    expect([(await resolved(plain.key))?.rate_limit, (await resolved(own.key))?.rate_limit]).toEqual([60, 60]);
    expect((await chat(stack.url, own.key)).status).toBe(200);
  });

  it('a change of plan or defaults is told to the gateways; a new name is nothing to them', async () => {
    const project = await created({ plan: 'plus' });
    const path = `/api/projects/${project.id}`;
    const told = async () =>
      (await db.query('SELECT change, key_id FROM change WHERE project_id = $1 ORDER BY revision', [project.id])).rows;
    await owner.call('PATCH', path, { name: 'Only a name' });
    await owner.call('PATCH', path, { plan: 'plus' });
    expect(await told()).toEqual([]);
    await owner.call('PATCH', path, { defaults: { max_parallel: 3 } });
    await owner.call('PATCH', path, { plan: 'free' });
    expect(await told()).toEqual([
      { change: 'project_updated', key_id: null },
      { change: 'project_updated', key_id: null },
    ]);
  });
});

describe('profiles that are changed while all is running', () => {
  const edit = async (file: string, change: (text: string) => string) =>
    writeFile(join(dir, file), change(await readFile(join(dir, file), 'utf8')));
  const plansNow = async () => (await owner.read<{ data: Plan[] }>('/api/plans')).data;

  it('hold from then on, for new keys and for those that were cached by the old ones', async () => {
    const project = await created({ profile: 'doteb' });
    const key = await stack.admin.createKey({ project_id: project.id });
    expect((await chat(stack.url, key.key)).status).toBe(200);
    expect((await resolved(key.key))?.rate_limit).toBeNull();
    const before = await head();

    await edit('doteb.yaml', (text) => text.replace('keysPerProject: 20', 'keysPerProject: 1, rateLimit: 7'));
    await eventually(head, (revision) => revision > before);
    expect((await resolved(key.key))?.rate_limit).toBe(7);
    expect(await owner.read(`/api/projects/${project.id}`)).toMatchObject({ keys: { used: 1, allowed: 1 } });
    const more = await stack.admin.call('POST', '/api/api-keys', { name: 'one too many', project_id: project.id });
    expect(await refusal(more)).toMatchObject({ code: 'plan_limit_reached' });
    const { rows } = await db.query("SELECT * FROM change WHERE change = 'profiles_changed'");
    expect(rows).toMatchObject([{ organization_id: null, project_id: null, key_id: null }]);
  });

  it('reach the gateway’s own words as well', async () => {
    const ask = async () =>
      (await (await chat(stack.url, 'dtb_nothing')).json()) as { success?: boolean; error: { code: string } };
    expect((await ask()).error.code).toBe('invalid_api_key');
    await edit('doteb.yaml', (text) => text.replace('errors: openai', 'errors: envelope'));
    const answer = await eventually(ask, ({ success }) => success === false);
    expect(answer.error.code).toBe('INVALID_API_KEY');
  });

  it('a mistake in one leaves all of them as they were', async () => {
    const before = await plansNow();
    await edit('osm.yaml', (text) => text.replace('plans:', 'plants:'));
    await edit('aicredits.yaml', (text) => text.replace('plans:', 'plans:\n  another: {}'));
    const { rows: seen } = await db.query('SELECT digest FROM profile_set');
    // Nothing shows that nothing was taken; a key made a while later shows that everything still works.
    await stack.admin.createKey();
    expect(await plansNow()).toEqual(before);
    expect((await db.query('SELECT digest FROM profile_set')).rows).toEqual(seen);

    await edit('osm.yaml', (text) => text.replace('plants:', 'plans:'));
    const after = await eventually(plansNow, (plans) => plans.length > before.length);
    expect(after.map((plan) => `${plan.profile}/${plan.name}`)).toContain('aicredits/another');
  });
});
