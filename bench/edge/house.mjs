/** Keyward as it is run: real servers and four processes, of which only the gateway has the measured core. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServices } from '../../scripts/services.mjs';
import { build } from '../../scripts/start/build.mjs';
import { freePort, LOAD_CORE, listening, MEASURED_CORE, start } from './processes.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const OWNER = { email: 'owner@keyward.test', password: 'correct-horse-battery' };
/** Limits of every kind that no run comes near. */
const LIMITS = {
  rate_limit: 1_000_000,
  token_limit: 1_000_000_000,
  max_parallel: 100_000,
  budget: '1000000',
  recurring_limit: { amount: '500000', every: 1, unit: 'day' },
};

const RULES = [
  { type: 'allow_models', models: ['gpt-*', 'claude-*'], status: 'active' },
  { type: 'deny_models', models: ['*-preview'], status: 'active' },
  {
    type: 'allow_pricing',
    pricing: { tier: 'any', max_input_price: '100', max_output_price: '500' },
    status: 'active',
  },
];

/** @param {{ origin: string, home: string, report: (line: string) => void }} given */
export async function openHouse({ origin, home, report }) {
  await build(ROOT);
  const catalogue = join(home, 'catalogue.yaml');
  writeFileSync(
    catalogue,
    `currency: USD
providers:
  bench: { dialect: openai, origin: "${origin}" }
models:
  gpt-4o-mini:
    context: 128000
    max_output: 16384
    routes: [{ provider: bench, price: { input: "0.15", cached_input: "0.075", output: "0.60" } }]
`,
  );
  const services = await startServices({ dataDir: home, env: ownServers(process.env), report });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    KEYWARD_POSTGRES_URL: services.postgres.url,
    KEYWARD_NATS_URL: services.nats.url,
    KEYWARD_REDIS_URL: services.redis.url,
    KEYWARD_SECRET: 'a secret for the benchmark, of 32 letters and more',
    KEYWARD_OWNER_EMAIL: OWNER.email,
    KEYWARD_OWNER_PASSWORD: OWNER.password,
    KEYWARD_CATALOGUE_FILE: catalogue,
    KEYWARD_LOG_LEVEL: 'warn',
    KEYWARD_PORT: String(port),
    KEYWARD_OPS_PORT: '0',
    KEYWARD_SPOOL_DIR: join(home, 'spool'),
    NODE_ENV: 'production',
  };
  const run = (/** @type {string} */ app, /** @type {number} */ core) =>
    start(process.execPath, [join(ROOT, `dist/apps/${app}/src/main.js`)], { core, env, cwd: ROOT });
  const others = ['keys', 'usage', 'policy'].map((app) => run(app, LOAD_CORE));
  const gateway = run('gateway', MEASURED_CORE);
  const children = [...others, gateway];
  for (const child of children) child.stdout.pipe(process.stderr);
  await listening(port);
  const keys = await makeKeys(url);
  return {
    url,
    keys,
    postgresUrl: services.postgres.url,
    natsUrl: services.nats.url,
    secret: env.KEYWARD_SECRET,
    gatewayPid: gateway.pid ?? 0,
    async close() {
      const gone = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const child of children) child.kill('SIGTERM');
      await Promise.all(gone);
      await services.stop();
    },
  };
}

/** @param {string} url */
async function makeKeys(url) {
  const signedIn = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify(OWNER),
  });
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const call = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body) => {
    const reply = await fetch(url + path, {
      method,
      headers: { cookie, origin: url, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return reply.status === 204 ? {} : reply.json();
  };
  const free = await call('POST', '/api/api-keys', { name: 'no limits' });
  const limited = await call('POST', '/api/api-keys', { name: 'limits of every kind', ...LIMITS });
  await call('PUT', `/api/api-keys/${limited.id}/iam-rules`, { rules: RULES });
  const disabled = await call('POST', '/api/api-keys', { name: 'disabled' });
  await call('POST', `/api/api-keys/${disabled.id}/disable`, {});
  return { free: free.key, limited: limited.key, disabled: disabled.key };
}

/** Its own servers, whatever this shell is set to. @param {NodeJS.ProcessEnv} env */
function ownServers(env) {
  return { ...env, KEYWARD_POSTGRES_URL: undefined, KEYWARD_NATS_URL: undefined, KEYWARD_REDIS_URL: undefined };
}
