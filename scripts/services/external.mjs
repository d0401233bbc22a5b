import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 10_000;

/** An answer that waiting will not change, such as a wrong password. */
export class Hopeless extends Error {}

/**
 * Waits for a server that somebody else runs.
 * @param {{ title: string, variable: string, reach: (url: URL) => Promise<void> }} kind @param {string} url
 * @returns {Promise<import('../services.d.mts').Service>}
 */
export async function waitForExternal({ title, variable, reach }, url, patienceMs = PATIENCE_MS) {
  const where = parse(url, title, variable);
  for (const deadline = Date.now() + patienceMs; ; await sleep(250)) {
    try {
      await reach(where);
      break;
    } catch (error) {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      if (!(error instanceof Hopeless) && Date.now() < deadline) continue;
      // Host and port only: the rest of the address may hold a password.
      throw new Error(`${title} at ${where.host}, named by ${variable}, cannot be used: ${message || code}.`);
    }
  }
  const notOurs = () => {
    throw new Error(`${title} is external (${variable}); Keyward did not start it and does not stop it.`);
  };
  const rejects = async () => notOurs();
  return {
    url,
    external: true,
    pid: undefined,
    kill: rejects,
    freeze: notOurs,
    thaw: notOurs,
    restart: rejects,
    stop: rejects,
  };
}

/** @param {string} url @param {string} title @param {string} variable */
function parse(url, title, variable) {
  try {
    return new URL(url.split(',')[0]);
  } catch {
    throw new Error(`${variable} is not a URL that ${title} could be reached at.`);
  }
}
