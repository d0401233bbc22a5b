import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The provider that needs no account goes first: the others are told where it is. */
const ECHO = 'echo';
export const APPS = ['keys', 'usage', 'policy', 'gateway'];

/** @typedef {{ name: string, url: string | null, opsUrl: string | null, stop(): Promise<void> }} Running */

/**
 * All apps in this one process. They still talk over the bus, as anywhere else; it is only memory and time that are saved.
 * @param {{ root: string, env: NodeJS.ProcessEnv }} given
 */
export function appsHere({ root, env }) {
  /** @type {Running[]} */
  const running = [];

  /** @param {string} app @param {NodeJS.ProcessEnv} appEnv */
  async function startOne(app, appEnv) {
    /** @type {{ start(env: NodeJS.ProcessEnv): Promise<Running> }} */
    const { start } = await import(pathToFileURL(mainOf(root, app)).href);
    const up = await start(appEnv);
    running.push(up);
    return up;
  }

  return {
    async start() {
      const echo = env.KEYWARD_ECHO_URL ? undefined : await startOne(ECHO, env);
      const told = { ...env, KEYWARD_ECHO_URL: env.KEYWARD_ECHO_URL ?? echo?.url ?? undefined };
      // Every start is awaited, also after one has failed, so that whatever did come up can be stopped.
      const results = await Promise.allSettled(APPS.map((app) => startOne(app, envOf(app, told))));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      const gateway = running.find((app) => app.name === 'gateway');
      if (!gateway?.url) throw new Error('The gateway does not say where it listens.');
      const ops = running.flatMap(({ name, opsUrl }) => (opsUrl ? [[name, opsUrl]] : []));
      return { url: gateway.url, ops: Object.fromEntries(ops) };
    },
    /** The edge first, the services it calls after it. */
    async stop() {
      const edge = running.filter((app) => app.name === 'gateway');
      const rest = running.filter((app) => app.name !== 'gateway');
      running.length = 0;
      for (const group of [edge, rest]) await Promise.all(group.map((app) => app.stop()));
    },
    /** They end with this process. */
    killNow() {},
    failure: () => /** @type {Error | undefined} */ (undefined),
  };
}

/** Probes and metrics of the services take any free port. The gateway answers them on its own, where it is told nothing.
 * @param {string} app @param {NodeJS.ProcessEnv} env @returns {NodeJS.ProcessEnv} */
export function envOf(app, env) {
  return app === 'gateway' || app === ECHO ? env : { ...env, KEYWARD_OPS_PORT: env.KEYWARD_OPS_PORT ?? '0' };
}

/** @param {string} root @param {string} app */
export function mainOf(root, app) {
  const main = join(root, 'dist', 'apps', app, 'src', 'main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: the build made no ${app}.`);
  return main;
}
