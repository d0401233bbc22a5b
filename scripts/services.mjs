/**
 * Postgres, NATS and Redis for a developer's machine and for the tests: real servers on free loopback ports, or the ones
 * that KEYWARD_POSTGRES_URL, KEYWARD_NATS_URL and KEYWARD_REDIS_URL point at.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findServers } from './services/binaries.mjs';
import { waitForExternal } from './services/external.mjs';
import { runLocal } from './services/local.mjs';
import { nats } from './services/nats.mjs';
import { choosePorts } from './services/ports.mjs';
import { postgres } from './services/postgres.mjs';
import { stopOrphans } from './services/processes.mjs';
import { redis } from './services/redis.mjs';

/** @type {typeof import('./services.d.mts').startServices} */
export async function startServices({ dataDir, env = process.env, report = () => {}, ...options }) {
  const home = resolve(dataDir);
  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o700 });
  await stopOrphans(home, report);

  const kinds = [postgres, nats, redis];
  const ours = kinds.filter((kind) => !env[kind.variable]);
  const binaries = await findServers(
    ours.flatMap((kind) => kind.binary ?? []),
    env,
    report,
  );
  const ports = await choosePorts(
    home,
    ours.map((kind) => kind.name),
  );

  // Every start is awaited, also after one has failed: a server still on its way up could not be stopped.
  const started = await Promise.allSettled(
    kinds.map((kind) => {
      const url = env[kind.variable];
      if (url) return waitForExternal(kind, url);
      return runLocal(kind.recipe({ home, binaries, options }), { home, port: ports[kind.name], report });
    }),
  );
  const services = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => void (await Promise.all(services.filter((s) => !s.external).map((s) => s.stop())));
  const failure = started.find((result) => result.status === 'rejected');
  if (failure) {
    await stop();
    throw failure.reason;
  }

  const [pg, bus, cache] = services;
  const killNow = () => services.filter((s) => !s.external).forEach((s) => void s.kill('SIGKILL').catch(() => {}));
  return { postgres: pg, nats: bus, redis: cache, stop, killNow };
}
