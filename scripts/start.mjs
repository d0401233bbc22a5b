/**
 * `npm start`: from a fresh clone to a running Keyward with a key in your hand.
 *
 *   --processes   each app as a process of its own, as in production
 *   --watch       the same, and the apps start again when their source changes
 *
 * KEYWARD_DATA_DIR keeps the data elsewhere than in `.keyward`; KEYWARD_DEBUG=1 shows the stack of an error.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServices } from './services.mjs';
import { appProcesses } from './start/app-processes.mjs';
import { appsHere } from './start/apps-here.mjs';
import { build } from './start/build.mjs';
import { buildDashboard } from './start/build-dashboard.mjs';
import { environment } from './start/environment.mjs';
import { firstKey, untilReady, writeDevFile } from './start/first-key.mjs';
import { takeLock } from './start/lock.mjs';
import { banner, progress, say } from './start/say.mjs';
import { onStop } from './start/stopping.mjs';
import { watchSources } from './start/watch.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WATCH = process.argv.includes('--watch');
const PROCESSES = WATCH || process.argv.includes('--processes');

async function start() {
  const home = resolve(process.env.KEYWARD_DATA_DIR || join(ROOT, '.keyward'));
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const lock = await takeLock(home);

  // What has been started, stopped in the opposite order.
  /** @type {(() => unknown)[]} */
  const stops = [() => lock.release()];
  const stopping = onStop(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  try {
    await progress('build', async () => {
      await build(ROOT);
      await buildDashboard(ROOT);
    });
    const services = await progress('Postgres, NATS, Redis', () => startServices({ dataDir: home, report: say }));
    stops.push(() => services.stop());
    stopping.lastResort(() => services.killNow());

    const env = await environment(home, services);
    const apps = PROCESSES
      ? appProcesses({ root: ROOT, home, env, died: (why) => !WATCH && stopping.fail(why), report: say })
      : appsHere({ root: ROOT, env });
    stops.push(() => apps.stop());
    stopping.lastResort(() => apps.killNow());
    const up = await progress('apps', async () => {
      const running = await apps.start();
      await untilReady(running.url, apps.failure);
      return running;
    });

    const owner = { email: env.KEYWARD_OWNER_EMAIL, password: env.KEYWARD_OWNER_PASSWORD };
    const key = await firstKey({ home, url: up.url, owner });
    const facts = { url: up.url, owner, api_key: key.key, ...urls(env), ops: up.ops, pid: process.pid };
    writeDevFile(home, facts);
    lock.announce(up.url);
    banner(facts, key.note);
    if (WATCH) stops.push(watchSources({ root: ROOT, changed: () => rebuild(apps, up.url) }));
  } catch (error) {
    stopping.fail(/** @type {Error} */ (error));
  }
}

/** @param {ReturnType<typeof appProcesses>} apps @param {string} url */
async function rebuild(apps, url) {
  try {
    await progress('build', () => build(ROOT, { keepOld: true }));
    await progress('apps', async () => {
      await apps.stop();
      await apps.start();
      await untilReady(url, apps.failure);
    });
  } catch (error) {
    say(`${/** @type {Error} */ (error).message}\nWaiting for the next change.`);
  }
}

/** @param {NodeJS.ProcessEnv} env */
const urls = (env) => ({
  nats_url: env.KEYWARD_NATS_URL,
  postgres_url: env.KEYWARD_POSTGRES_URL,
  redis_url: env.KEYWARD_REDIS_URL,
});

start().catch((error) => {
  say(process.env.KEYWARD_DEBUG ? error.stack : error.message);
  process.exit(1);
});
