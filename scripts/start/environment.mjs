import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { choosePorts, isFree } from '../services/ports.mjs';
import { readJson } from '../services/processes.mjs';

const HOST = '127.0.0.1';
const OWNER = 'owner@keyward.localhost';
const USUAL_PORT = 4100;
/** Without the letters and digits that are mistaken for one another. Thirty-two of them, so a byte picks evenly. */
const READABLE = 'abcdefghijkmnpqrstuvwxyz23456789';

/**
 * What the apps are told. Anything the caller has set already stays as it is.
 * @param {string} home @param {import('../services.d.mts').Services} services @param {NodeJS.ProcessEnv} [caller]
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function environment(home, services, caller = process.env) {
  const secrets = keepSecrets(home);
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    KEYWARD_SECRET: secrets.secret,
    KEYWARD_OWNER_EMAIL: OWNER,
    KEYWARD_OWNER_PASSWORD: secrets.owner.password,
    KEYWARD_HOST: HOST,
    KEYWARD_LOG_LEVEL: 'warn',
    KEYWARD_SPOOL_DIR: join(home, 'spool'),
    // A receiver on this very machine, to try webhooks with.
    KEYWARD_WEBHOOKS_PRIVATE: 'true',
    ...given(caller),
    KEYWARD_POSTGRES_URL: services.postgres.url,
    KEYWARD_NATS_URL: services.nats.url,
    KEYWARD_REDIS_URL: services.redis.url,
  };
  return { ...env, KEYWARD_PORT: await gatewayPort(home, env.KEYWARD_PORT, env.KEYWARD_HOST ?? HOST) };
}

/** Made once: a new secret would make every key and session of the data invalid.
 * @param {string} home @returns {{ secret: string, owner: { password: string } }} */
function keepSecrets(home) {
  const file = join(home, 'secrets.json');
  if (!existsSync(file)) {
    const letters = [...randomBytes(25)].map((byte) => READABLE[byte % READABLE.length]).join('');
    const made = {
      secret: randomBytes(48).toString('base64url'),
      owner: { password: letters.match(/.{5}/g)?.join('-') },
    };
    writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  }
  const secrets = readJson(file);
  if (!secrets?.secret || !secrets.owner?.password) {
    throw new Error(`${file} cannot be read; put it back from a copy, or remove ${home} to begin anew.`);
  }
  return secrets;
}

/** @param {string} home @param {string | undefined} wanted @param {string} host */
async function gatewayPort(home, wanted, host) {
  if (wanted === undefined) return String((await choosePorts(home, ['gateway'], { gateway: USUAL_PORT })).gateway);
  const port = Number(wanted);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`KEYWARD_PORT=${wanted} is not a port.`);
  if (port !== 0 && !(await isFree(port, host))) {
    throw new Error(`Port ${wanted} is taken; set KEYWARD_PORT to another, or leave it unset for a free one.`);
  }
  return wanted;
}

/** An empty variable is an unset one.
 * @param {NodeJS.ProcessEnv} env @returns {NodeJS.ProcessEnv} */
const given = (env) => Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
