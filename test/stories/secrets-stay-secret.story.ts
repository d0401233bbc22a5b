import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeysRpc } from '#contracts/keys';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import type { Running } from '#runtime/run';
import { start as startEcho } from '../../apps/echo/src/main.js';
import { dumpOf, filesUnder, findings, redisDump } from '../canary.js';
import { ownServers } from '../own-servers.js';
import { type Scanner, startScanner } from '../scanner.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

/**
 * Secrets of every kind are made and used, rightly and wrongly, at the most talkative log level, and then looked for in
 * everything that was written or said on the way.
 */
let servers: Awaited<ReturnType<typeof ownServers>>;
let provider: Running;
let scanner: Scanner;
let stack: Stack;
/** What we know, and nobody else should: name → secret. */
const secrets = new Map<string, string>();
/** Every answer, but for those that hand a secret out. */
const answers: string[] = [];
let logs = '';
const writeOut = process.stdout.write;

beforeAll(async () => {
  [servers, provider, scanner] = await Promise.all([
    ownServers(),
    startEcho({ KEYWARD_ECHO_PORT: '0' }),
    startScanner(),
  ]);
  process.stdout.write = ((chunk: string | Uint8Array) => {
    logs += Buffer.from(chunk).toString();
    return true;
  }) as typeof writeOut;
  secrets.set('the provider’s credential', 'sk-live-CanaryOfTheProvider0123456789abcdefgh');
  secrets.set('the root secret', 'CanaryOfTheRootSecret0123456789abcdefgh');
  const catalogue = join(servers.dataDir, '..', `keyward-canary-${process.pid}.yaml`);
  writeFileSync(
    catalogue,
    `providers: { canary: { origin: '${provider.url}', credential_env: CANARY_CREDENTIAL } }
models: { canary: [{ provider: canary, upstream_model: echo, price: { input: 1, output: 2 } }] }
`,
  );
  try {
    stack = await startStack({
      servers: { postgres: servers.postgres.url, nats: servers.nats.url, redis: servers.redis.url },
      env: {
        KEYWARD_LOG_LEVEL: 'trace',
        KEYWARD_SECRET: secrets.get('the root secret'),
        KEYWARD_SECRET_SCANNING_KEYS: scanner.url,
        KEYWARD_CATALOGUE_FILE: catalogue,
        CANARY_CREDENTIAL: secrets.get('the provider’s credential'),
      },
    });
  } finally {
    rmSync(catalogue);
  }
  secrets.set('the owner’s password', stack.env.KEYWARD_OWNER_PASSWORD ?? '');
  secrets.set('the owner’s session', stack.admin.cookie.replace('token=', ''));
  await useEverything();
});
afterAll(async () => {
  await stack?.stop();
  process.stdout.write = writeOut;
  await Promise.all([servers?.stop(), provider?.stop(), scanner?.stop()]);
});

const keep = (name: string, secret: string | undefined) => {
  if (!secret) throw new Error(`there is no ${name}`);
  secrets.set(name, secret);
  return secret;
};

/** Asks, and remembers what was answered. */
async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const reply = await stack.admin.call(method, path, body, headers);
  answers.push(`${method} ${reply.status} ${JSON.stringify([...reply.headers])} ${await reply.text()}`);
  return reply.status;
}

async function useEverything() {
  await useKeys();
  await usePeople();
  await useProviderKeys();
  await useThemWrongly();
  await leakOne();
  for (const path of ['api-keys', 'audit-events', 'members', 'invitations', 'projects', 'sessions', 'organization'])
    expect([path, await ask('GET', `/api/${path}`)]).toEqual([path, 200]);
  const ops = [stack.url, ...Object.values(stack.apps).map(({ opsUrl }) => opsUrl)];
  for (const url of ops)
    for (const path of ['metrics', 'readyz', 'livez']) answers.push(await (await fetch(`${url}/${path}`)).text());
  answers.push(await (await fetch(`${stack.url}/docs/openapi.json`)).text());
}

async function useKeys() {
  const bus = await connectBus({ url: servers.nats.url, name: 'canary' });
  const client = new BusClient({ connection: bus, service: 'canary' });
  for (const profile of ['keyward', 'dosai', 'aicredits']) {
    const project = await stack.admin.call('POST', '/api/projects', { name: `of ${profile}`, profile });
    const { id: project_id } = (await project.json()) as { id: string };
    const headers = { 'idempotency-key': `make-${profile}` };
    const fields = { name: `canary of ${profile}`, project_id, scopes: ['admin'] };
    const made = (await (await stack.admin.call('POST', '/api/api-keys', fields, headers)).json()) as Record<
      string,
      string
    >;
    const first = keep(`a key of ${profile}`, made.key);
    expect(await ask('POST', '/api/api-keys', fields, headers)).toBe(201);
    const rotated = await stack.admin.call('POST', `/api/api-keys/${made.id}/rotate`, {});
    const second = keep(`the rotated key of ${profile}`, ((await rotated.json()) as Record<string, string>).key);
    for (const key of [first, second]) {
      answers.push(await (await chat(stack.url, key, { model: 'canary' })).text());
      answers.push(await (await chat(stack.url, key, { model: 'canary', stream: true })).text());
      answers.push(await (await chat(stack.url, key, { model: 'no-such-model' })).text());
      answers.push(JSON.stringify(await client.call(KeysRpc.verifyKey, { key })));
      await ask('GET', `/api/api-keys/${made.id}`, undefined, { cookie: '', authorization: `Bearer ${key}` });
    }
    await eventually(
      async () => (await (await stack.admin.call('GET', `/api/api-keys/${made.id}`)).json()) as { requests: number },
      ({ requests }) => requests === 4,
    );
    await ask('POST', `/api/api-keys/${made.id}/disable`, {});
    answers.push(await (await chat(stack.url, second)).text());
    await ask('DELETE', `/api/api-keys/${made.id}`);
  }
  await bus.close();
}

async function usePeople() {
  const invited = await stack.admin.call('POST', '/api/invitations', { email: 'guest@keyward.test', role: 'member' });
  const token = keep('an invitation', ((await invited.json()) as Record<string, string>).token);
  const password = keep('a member’s password', 'CanaryOfAMember 0123456789');
  const anonymous = { cookie: '' };
  const accepted = await stack.admin.call(
    'POST',
    '/api/invitations/accept',
    { token, name: 'Guest', password },
    anonymous,
  );
  const cookie = /^(token=([^;]+))/.exec(accepted.headers.get('set-cookie') ?? '');
  keep('a member’s session', cookie?.[2]);
  const next = keep('a member’s next password', 'CanaryOfAMember 9876543210');
  const change = { current_password: password, new_password: next };
  expect(await ask('PUT', '/api/session/password', change, { cookie: cookie?.[1] ?? '' })).toBe(204);
  await ask('POST', '/api/invitations/accept', { token, name: 'Again', password }, anonymous);
}

async function useProviderKeys() {
  const own = keep('a project’s own provider key', 'sk-CanaryOfTheProject0123456789abcdefghijkl');
  const next = keep('the provider key after it', 'sk-NextCanaryOfTheProject0123456789abcdefgh');
  const project = await stack.admin.call('POST', '/api/projects', { name: 'with a provider key' });
  const { id: project_id } = (await project.json()) as { id: string };
  const { key } = await stack.admin.createKey({ project_id });
  const fields = { project_id, provider: 'canary', name: 'canary of a provider key', secret: own };
  const headers = { 'idempotency-key': 'bring-it' };
  expect(await ask('POST', '/api/provider-keys', fields, headers)).toBe(201);
  expect(await ask('POST', '/api/provider-keys', fields, headers)).toBe(201);
  expect(await ask('POST', '/api/provider-keys', fields)).toBe(409);
  await ask('POST', '/api/provider-keys', { ...fields, provider: 'nobody' });
  await ask('POST', '/api/provider-keys', { ...fields, [own]: own });
  await ask('POST', '/api/provider-keys', { ...fields, secret: `${own} ${own}` });
  await ask('POST', '/api/provider-keys', { ...fields, provider: own, name: 1 });
  await ask('POST', '/api/providers', { id: 'wrong', origin: `https://x:${own}@example.com` });
  await ask('POST', '/api/providers', { id: 'wrong', origin: 'https://example.com', credential_env: own });
  answers.push(await (await chat(stack.url, key, { model: 'canary' })).text());
  const list = await stack.admin.call('GET', `/api/provider-keys?project=${project_id}`);
  const { data } = (await list.json()) as { data: { id: string }[] };
  answers.push(JSON.stringify(data));
  const path = `/api/provider-keys/${data[0]?.id}`;
  expect(await ask('PATCH', path, { secret: next })).toBe(200);
  answers.push(await (await chat(stack.url, key, { model: 'canary', stream: true })).text());
  expect(await ask('GET', path)).toBe(200);
}

/** Where people put secrets by mistake, and where attackers do on purpose. */
async function useThemWrongly() {
  const wrong = keep('a mistyped password', 'CanaryOfATypo 0123456789');
  await ask('POST', '/api/session', { email: stack.env.KEYWARD_OWNER_EMAIL, password: wrong });
  await ask('POST', '/api/session', { email: 'no mail', password: wrong, [wrong]: wrong });
  const { key } = await stack.admin.createKey();
  const secret = keep('a key in wrong places', key);
  const places: [string, string, unknown?, Record<string, string>?][] = [
    ['GET', `/api/api-keys/${secret}`],
    ['GET', `/api/${secret}`],
    ['GET', `/${secret}`],
    ['GET', `/v1/${secret}`],
    ['GET', `/v1/models?api_key=${secret}`],
    ['GET', `/api/api-keys?key=${secret}`],
    ['GET', `/api/api-keys?${secret}=1`],
    ['GET', `/api/api-keys?cursor=${secret}`],
    ['POST', '/api/api-keys', { [secret]: 1 }],
    ['POST', '/api/api-keys', { name: 'x', scopes: [secret] }],
    ['POST', '/api/api-keys', { name: 'x', project_id: secret }],
    ['POST', '/v1/chat/completions', { model: secret }, { authorization: `Bearer ${secret}` }],
    ['POST', '/v1/chat/completions', '{', { authorization: `Bearer ${secret} ${secret}` }],
    ['GET', '/api/api-keys', undefined, { cookie: `token=${secret}` }],
    ['GET', '/api/api-keys', undefined, { authorization: `Basic ${Buffer.from(`x:${secret}`).toString('base64')}` }],
    ['GET', '/api/api-keys', undefined, { authorization: `Bearer ${secret}`, 'user-agent': `curl ${secret}` }],
    ['POST', '/api/api-keys', { name: 'made by another' }, { 'user-agent': `curl ${secret}` }],
  ];
  for (const [method, path, body, headers] of places) await ask(method, path, body, headers);
}

async function leakOne() {
  const { key } = await stack.admin.createKey();
  const leaked = keep('a leaked key', key);
  const body = JSON.stringify([{ token: leaked, type: 't', url: `https://example.com/?q=${leaked}`, source: leaked }]);
  const reply = await fetch(`${stack.url}/api/secret-scanning/alerts`, {
    method: 'POST',
    headers: scanner.headersFor(body),
    body,
  });
  expect(reply.status).toBe(200);
  answers.push(await reply.text());
}

it('a secret that is somewhere is found, whole or not, plain or encoded', () => {
  for (const [name, secret] of secrets) {
    const one = new Map([[name, secret]]);
    for (const text of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)])
      expect(findings('here', `before ${text} after`, one)).toHaveLength(1);
  }
  expect(secrets.size).toBeGreaterThan(15);
});

describe('P7: no secret is', () => {
  it('in the database', async () => {
    const dump = await dumpOf(servers.postgres.url);
    expect(dump).toContain('canary of keyward');
    expect(findings('Postgres', dump, secrets)).toEqual([]);
  });

  it('in Redis', async () => {
    const dump = await redisDump(servers.redis.url);
    expect(dump).toContain('keyward:');
    expect(findings('Redis', dump, secrets)).toEqual([]);
  });

  it('on a disk: tables, write-ahead logs, streams, snapshots, the servers’ own logs', () => {
    const files = filesUnder(servers.dataDir) + filesUnder(String(stack.env.KEYWARD_SPOOL_DIR));
    expect(files).toContain('{"intent":');
    expect(files).toContain('keyward.events.key.changed');
    expect(files).toContain('canary of keyward');
    expect(findings('disk', files, secrets)).toEqual([]);
  });

  it('in a log, at any level', () => {
    expect(logs).toContain('"level":"debug"');
    expect(logs).toContain('"service":"keys"');
    expect(findings('log', logs, secrets)).toEqual([]);
  });

  it('in an answer: replies, errors, headers, audit entries, metrics, health', () => {
    expect(answers.length).toBeGreaterThan(60);
    expect(answers.join('\n')).toContain('key.create');
    expect(answers.flatMap((answer) => findings('answer', answer, secrets))).toEqual([]);
  });
});
