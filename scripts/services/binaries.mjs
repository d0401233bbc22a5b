import { unpackServers } from './unpack.mjs';
import { findBinary } from './which.mjs';

/** @typedef {{ command: string, env: NodeJS.ProcessEnv }} Found */

/**
 * Finds the servers on this machine, or unpacks the distribution's packages into `.keyward/tools`.
 * @param {string[]} names @param {Record<string, string | undefined>} env @param {(line: string) => void} report
 * @param {{ places?: string[], tools?: string }} [where]
 * @returns {ReturnType<typeof import('./binaries.d.mts').findServers>}
 */
export async function findServers(names, env, report, { places, tools } = {}) {
  /** @type {Record<string, Found>} */
  const found = {};
  for (const name of names) {
    const command = findBinary(name, env, places);
    if (command) found[name] = { command, env: process.env };
  }
  const missing = names.filter((name) => !found[name]);
  if (missing.length === 0) return found;

  const { servers, why } = await unpackServers(missing, { env, report, tools });
  Object.assign(found, servers);
  const absent = names.filter((name) => !found[name]);
  if (absent.length > 0) throw new Error(helpFor(absent, why));
  return found;
}

/** @param {string[]} names @param {string} why */
function helpFor(names, why) {
  return (
    `Keyward found no ${names.join(' and no ')} here${why && ` (${why})`}: install them (\`brew install nats-server redis\`), ` +
    'or start them with `docker compose -f docker-compose.dev.yml up -d`, ' +
    'or point KEYWARD_POSTGRES_URL, KEYWARD_NATS_URL and KEYWARD_REDIS_URL at servers you have.'
  );
}
