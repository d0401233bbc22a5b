import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { readJson } from './processes.mjs';

/**
 * Last time's ports where they are still free, else new ones; remembered in `<home>/ports.json`.
 * @param {string} home @param {string[]} names @param {Record<string, number>} [preferred]
 * @returns {ReturnType<typeof import('./ports.d.mts').choosePorts>}
 */
export async function choosePorts(home, names, preferred = {}) {
  const remembered = readJson(join(home, 'ports.json')) ?? {};
  /** @type {Record<string, number>} */
  const chosen = {};
  for (const name of names) {
    const taken = Object.values(chosen);
    const wishes = [remembered[name], preferred[name]].filter(
      (port) => Number.isInteger(port) && !taken.includes(port),
    );
    chosen[name] = (await firstFree(wishes)) ?? (await anyFree(taken));
  }
  writeFileSync(join(home, 'ports.json'), `${JSON.stringify({ ...remembered, ...chosen }, null, 2)}\n`);
  return chosen;
}

/** @param {number} port @returns {Promise<boolean>} */
export function isFree(port, host = '127.0.0.1') {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => done(true)));
  });
}

/** @param {number[]} ports */
async function firstFree(ports) {
  for (const port of ports) if (await isFree(port)) return port;
  return undefined;
}

/**
 * Below the range that outgoing connections use: a client retrying against a stopped server there can, once in a while,
 * be given the very port it calls, connect to itself and so keep the server from coming back.
 * @param {number[]} taken
 */
async function anyFree(taken) {
  for (let tries = 0; tries < 200; tries++) {
    const port = randomInt(15_000, 30_000);
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Error('Keyward found no free port on 127.0.0.1 between 15000 and 30000.');
}
