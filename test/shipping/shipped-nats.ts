import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const USERS = [
  'keyward-gateway',
  'keyward-keys',
  'keyward-usage',
  'keyward-policy',
  'verifier',
  'provisioner',
  'meter',
  'observer',
] as const;
export type User = (typeof USERS)[number];

/** Such a password stands in nobody's config and is yet a number to NATS: it must arrive whole. */
export const passwordOf = (user: User) => `12e4-${user}`;
export const nameOf = (user: User) => user.replace('keyward-', '');
const variableOf = (user: User) => `NATS_${nameOf(user).toUpperCase()}_PASSWORD`;

export interface ShippedNats {
  readonly host: string;
  /** With the user's name and password, as an app is given it. */
  urlOf(user: User): string;
  /** What the server has had to say so far: refusals, for one. */
  log(): string;
  stop(): Promise<void>;
}

/** A real NATS server with `deploy/nats.conf`, as it ships but for where it listens and where it stores. */
export async function shippedNats(): Promise<ShippedNats> {
  const folder = await mkdtemp(join(tmpdir(), 'keyward-nats-users-'));
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'nats.conf');
  await writeFile(config, await relocated(host, `127.0.0.1:${await freePort()}`, folder));
  const server = spawn(await natsServer(), ['-c', config], {
    env: { ...process.env, ...Object.fromEntries(USERS.map((user) => [variableOf(user), `"${passwordOf(user)}"`])) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  for (const until = Date.now() + 10_000; !log.includes('Server is ready'); await sleep(20)) {
    if (server.exitCode !== null || Date.now() > until) throw new Error(`nats-server did not start:\n${log}`);
  }
  return {
    host,
    urlOf: (user) => `nats://${user}:${passwordOf(user)}@${host}`,
    log: () => log,
    stop: async () => {
      if (server.exitCode === null) {
        server.kill('SIGTERM');
        await once(server, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function relocated(host: string, monitor: string, folder: string): Promise<string> {
  const moves = [
    ['listen: "0.0.0.0:4222"', `listen: "${host}"`],
    ['http: "127.0.0.1:8222"', `http: "${monitor}"`],
    ['store_dir: "/data"', `store_dir: ${JSON.stringify(folder)}`],
  ] as const;
  let text = await readFile(new URL('../../deploy/nats.conf', import.meta.url), 'utf8');
  for (const [from, to] of moves) {
    if (text.split(from).length !== 2) throw new Error(`deploy/nats.conf must say ${from}, once`);
    text = text.replace(from, to);
  }
  return text;
}

interface Finder {
  findServers(
    names: string[],
    env: NodeJS.ProcessEnv,
    report: () => void,
  ): Promise<Record<string, { command: string }>>;
}

async function natsServer(): Promise<string> {
  const { findServers }: Finder = await import(new URL('../../scripts/services/binaries.mjs', import.meta.url).href);
  const found = (await findServers(['nats-server'], process.env, () => {}))['nats-server'];
  if (!found) throw new Error('there is no nats-server');
  return found.command;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
