import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { ownNats } from '../own-nats.js';
import { chat, emptyServers, eventually, type Stack, startStack } from '../stack.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let nats: Awaited<ReturnType<typeof ownNats>>;
let stack: Stack;
let db: Client;
let port: number;
let key: { id: string; key: string };
let gateway: ChildProcess | undefined;
beforeAll(async () => {
  nats = await ownNats();
  const servers = { ...(await emptyServers()), nats: nats.url };
  [stack] = await Promise.all([startStack({ servers }), builtApps()]);
  db = new Client({ connectionString: servers.postgres, options: '-c search_path=usage' });
  await db.connect();
  port = await freePort();
  key = await stack.admin.createKey();
}, 60_000);
afterAll(async () => {
  gateway?.kill('SIGKILL');
  await db?.end();
  await stack?.stop();
  await nats?.stop();
});

/** As `npm start` builds them. */
function builtApps() {
  const script = `await (await import('./scripts/start/build.mjs')).build(process.cwd())`;
  return promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: ROOT });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** As a process of its own, over the same servers and the same spool. */
async function startGateway(): Promise<ChildProcess> {
  const env = { ...process.env, ...stack.env, KEYWARD_PORT: String(port), KEYWARD_OPS_PORT: '' };
  const child = spawn(process.execPath, [join(ROOT, 'dist/apps/gateway/src/main.js')], {
    env,
    cwd: ROOT,
    stdio: 'inherit',
  });
  const isUp = () =>
    fetch(`${url()}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually(isUp, Boolean, 20_000);
  gateway = child;
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

const url = () => `http://127.0.0.1:${port}`;
const requests = async () =>
  (
    await db.query<{ id: string; outcome: string; rows: number }>(
      `SELECT request_id AS id, max(outcome) AS outcome, count(*)::int AS rows FROM usage_event
        WHERE key_id = $1 AND kind = 'final' GROUP BY request_id ORDER BY request_id`,
      [key.id],
    )
  ).rows;
const counted = async () =>
  Number((await db.query('SELECT sum(requests) AS n FROM usage_minute WHERE key_id = $1', [key.id])).rows[0].n);
const spooled = () =>
  readdirSync(String(stack.env.KEYWARD_SPOOL_DIR), { recursive: true }).filter((file) =>
    String(file).endsWith('.spool'),
  );

/** A stream that is under way, read as far as its first bytes. */
async function streaming(): Promise<string> {
  const content = 'a long answer '.repeat(3000);
  const reply = await chat(url(), key.key, { stream: true, messages: [{ role: 'user', content }] });
  expect(reply.status).toBe(200);
  const reader = reply.body?.getReader();
  await reader?.read();
  void reader?.closed.catch(() => {});
  return reply.headers.get('x-request-id') ?? '';
}

describe('a gateway that is killed', () => {
  it('in the middle of streams has exactly one row for each request, when it is back', async () => {
    const child = await startGateway();
    const done = await Promise.all(Array.from({ length: 10 }, () => chat(url(), key.key)));
    const whole = done.map((reply) => reply.headers.get('x-request-id') ?? '');
    const broken = await Promise.all(Array.from({ length: 5 }, streaming));
    await end(child, 'SIGKILL');
    await startGateway();
    const rows = await eventually(requests, (found) => found.length === 15, 20_000);
    expect(rows.every((row) => row.rows === 1)).toBe(true);
    const outcome = new Map(rows.map((row) => [row.id, row.outcome]));
    expect(whole.map((id) => outcome.get(id))).toEqual(whole.map(() => 'ok'));
    expect(broken.map((id) => outcome.get(id))).toEqual(broken.map(() => 'abandoned'));
    expect(await counted()).toBe(15);
  }, 60_000);

  it('loses nothing and doubles nothing where NATS has lost its data between', async () => {
    const before = (await requests()).length;
    await stack.apps.usage.stop();
    await Promise.all(Array.from({ length: 20 }, () => chat(url(), key.key)));
    await nats.loseData();
    const child = gateway as ChildProcess;
    await end(child, 'SIGKILL');
    await nats.loseData();
    await stack.startUsage();
    await startGateway();
    const rows = await eventually(requests, (found) => found.length === before + 20, 30_000);
    expect(rows.every((row) => row.rows === 1)).toBe(true);
    expect(await counted()).toBe(before + 20);
  }, 90_000);
});

describe('a gateway that is stopped', () => {
  it('P16: under load answers what it took, streams to their end, tells of all of it, and leaves nothing behind', async () => {
    const before = (await requests()).length;
    let answered = 0;
    let going = true;
    const clients = Array.from({ length: 8 }, async () => {
      while (going) {
        const reply = await chat(url(), key.key).catch(() => null);
        if (reply?.status === 200 && (await reply.text().catch(() => ''))) answered++;
        if (!reply) return;
      }
    });
    await eventually(
      async () => answered,
      (count) => count > 100,
      20_000,
    );
    // Longer than anything else here, and under way when it is told to stop.
    const content = 'one two three four five '.repeat(400);
    const long = { stream: true, messages: [{ role: 'user', content }] };
    const streams = await Promise.all(Array.from({ length: 4 }, () => chat(url(), key.key, long)));
    const texts = Promise.all(streams.map((reply) => reply.text()));
    await end(gateway as ChildProcess, 'SIGTERM');
    gateway = undefined;
    going = false;
    await Promise.all(clients);
    for (const text of await texts) expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    answered += streams.length;
    const rows = await eventually(requests, (found) => found.length >= before + answered, 10_000);
    expect(rows.length).toBe(before + answered);
    expect(await counted()).toBe(before + answered);
    // The one that is left is of the gateway in this process.
    await eventually(
      async () => spooled(),
      (files) => files.length <= 1,
      15_000,
    );
  }, 60_000);
});
