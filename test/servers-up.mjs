import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installChromium } from '../scripts/chromium.mjs';
import { stopOrphans } from '../scripts/services/processes.mjs';
import { startServices } from '../scripts/services.mjs';
import { buildDashboard } from '../scripts/start/build-dashboard.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PARENT = join(ROOT, '.keyward');
const ACCOUNTS = 4;

/**
 * Real servers for a run of the tests, fresh and thrown away after it. NATS has an account for each jest worker, so that
 * two workers never hear each other: add `w<JEST_WORKER_ID>` as user and password to KEYWARD_TEST_NATS_URL. For a NATS
 * that you named yourself KEYWARD_TEST_NATS_ACCOUNTS is 0, and the URL is used as it is.
 */
export default async function serversUp({ testPathPatterns }) {
  mkdirSync(PARENT, { recursive: true });
  const { patterns } = testPathPatterns;
  // Nobody who runs one spec waits for a browser.
  if (patterns.length === 0 || patterns.some((pattern) => pattern.includes('browser'))) await browserUp();
  await sweep();
  const dataDir = join(PARENT, `test-${process.pid}`);
  // Written to only by this run; a power cut may take it.
  const services = await startServices({ dataDir, nats: { accounts: ACCOUNTS }, postgres: { fsync: false } });
  process.env.KEYWARD_TEST_POSTGRES_URL = services.postgres.url;
  process.env.KEYWARD_TEST_REDIS_URL = services.redis.url;
  process.env.KEYWARD_TEST_NATS_URL = services.nats.url;
  process.env.KEYWARD_TEST_NATS_ACCOUNTS = String(services.nats.external ? 0 : ACCOUNTS);

  const lastResort = () => {
    services.killNow();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  };
  process.once('exit', lastResort);
  const down = async () => {
    await services.stop();
    process.removeListener('exit', lastResort);
    rmSync(dataDir, { recursive: true, force: true });
  };
  // Jest does not tear down on Ctrl-C.
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  for (const [signal, code] of Object.entries(signals))
    process.once(signal, () => down().finally(() => process.exit(code)));
  globalThis.keywardServersDown = down;
}

/** What a run left behind that was killed. */
async function sweep() {
  for (const name of readdirSync(PARENT)) {
    const pid = Number(/^test-(\d+)$/.exec(name)?.[1]);
    if (!pid || isAlive(pid)) continue;
    await stopOrphans(join(PARENT, name), () => {});
    rmSync(join(PARENT, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** Where there is none, each browser story says so; the others are none the worse for it. */
async function browserUp() {
  installChromium((line) => process.stderr.write(`${line}\n`));
  await buildDashboard(ROOT);
}
