import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { choosePorts } from './ports.mjs';
import { endProcess, gone, launch, logFile, readText, signalTree } from './processes.mjs';

const START_LIMIT_MS = 30_000;
const TRIES = 3;

/**
 * What one kind of server needs to run here.
 * @typedef {object} Recipe
 * @property {string} name
 * @property {string} title
 * @property {NodeJS.Signals} stopSignal
 * @property {(port: number) => string} url
 * @property {(port: number) => Promise<Command>} prepare makes data and config ready; runs before every start
 * @property {(port: number) => Promise<void>} ready throws while the server does not answer properly
 * @typedef {{ command: string, args: string[], options?: import('node:child_process').SpawnOptions }} Command
 */

/**
 * @param {Recipe} recipe
 * @param {{ home: string, port: number, report: (line: string) => void }} place
 * @returns {Promise<import('../services.d.mts').Service>}
 */
export async function runLocal(recipe, { home, port, report }) {
  /** @type {{ pid: number, exited: Promise<{ reason: string }>, wanted: boolean } | undefined} */
  let running;

  async function start() {
    const command = await recipe.prepare(port);
    const log = logFile(home, recipe.name);
    const logStart = sizeOf(log);
    const { child, exited } = launch({ home, name: recipe.name, ...command });
    const me = { pid: child.pid ?? 0, exited, wanted: true };
    /** @type {string | undefined} */
    let ended;
    exited.then(({ reason }) => {
      ended = reason;
      if (running !== me) return;
      running = undefined;
      if (me.wanted) report(`${recipe.title} stopped unexpectedly (${reason}); its log is ${log}`);
    });
    const why = await untilReady(
      () => recipe.ready(port),
      () => ended,
    );
    if (why === undefined) {
      running = me;
      return;
    }
    if (child.pid && ended === undefined) await endProcess(child.pid, 'SIGKILL');
    const tail = readText(log).slice(logStart).trim().split('\n').slice(-8).join('\n');
    throw new Error(`${recipe.title} did not start (${why}); the end of its log, ${log}:\n${tail}`);
  }

  async function stop() {
    const me = running;
    if (!me) return;
    me.wanted = false;
    await endProcess(me.pid, recipe.stopSignal);
    await me.exited;
  }

  // Between finding a port free and using it, another program may take it; a new port is then better than an error.
  for (let tries = 1; ; tries++) {
    try {
      await start();
      break;
    } catch (error) {
      const moved = (await choosePorts(home, [recipe.name]))[recipe.name];
      if (moved === port || tries === TRIES) throw error;
      port = moved;
    }
  }

  return {
    get url() {
      return recipe.url(port);
    },
    external: false,
    get pid() {
      return running?.pid;
    },
    async kill(signal = 'SIGKILL') {
      const me = running;
      if (!me) return;
      if (signal !== 'SIGKILL') {
        me.wanted = !['SIGTERM', 'SIGINT', 'SIGQUIT'].includes(signal);
        process.kill(me.pid, signal);
        if (!me.wanted) await me.exited;
        return;
      }
      me.wanted = false;
      const family = signalTree(me.pid, signal);
      await me.exited;
      await gone(family, 5000);
    },
    freeze: () => void (running && signalTree(running.pid, 'SIGSTOP')),
    thaw: () => void (running && signalTree(running.pid, 'SIGCONT')),
    async restart() {
      await stop();
      await start();
    },
    stop,
  };
}

/** @param {() => Promise<void>} ready @param {() => string | undefined} ended @returns {Promise<string | undefined>} */
async function untilReady(ready, ended) {
  for (const deadline = Date.now() + START_LIMIT_MS; ; await sleep(20)) {
    try {
      await ready();
      // Somebody else's server may answer on the port that ours did not get.
      await sleep(1);
      return ended();
    } catch (error) {
      const why = ended();
      if (why !== undefined) return why;
      if (Date.now() > deadline)
        return `not ready within ${START_LIMIT_MS / 1000} s: ${/** @type {Error} */ (error).message}`;
    }
  }
}

/** @param {string} path */
const sizeOf = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
