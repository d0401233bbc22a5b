import { choosePorts } from '../services/ports.mjs';
import { endProcess, launch, signalTree } from '../services/processes.mjs';
import { APPS, envOf, mainOf } from './apps-here.mjs';

const PATIENCE_MS = 10_000;

/**
 * Each app as a process of its own, as in production.
 * @param {{ root: string, home: string, env: NodeJS.ProcessEnv, died: (why: Error) => void, report: (line: string) => void }} given
 */
export function appProcesses({ root, home, env, died, report }) {
  /** @type {Map<string, { pid: number, exited: Promise<{ reason: string }> }>} */
  const running = new Map();
  /** @type {Error | undefined} */
  let failure;

  /** @param {string} app @param {NodeJS.ProcessEnv} appEnv */
  function startOne(app, appEnv) {
    const args = ['--enable-source-maps', mainOf(root, app)];
    const options = { cwd: root, env: appEnv };
    const { child, exited } = launch({
      home,
      name: `app-${app}`,
      command: process.execPath,
      args,
      stdio: ['ignore', 'inherit', 'inherit'],
      options,
    });
    const me = { pid: child.pid ?? 0, exited };
    running.set(app, me);
    exited.then(({ reason }) => {
      if (running.get(app) !== me) return; // we asked it to
      running.delete(app);
      failure = new Error(`The ${app} app stopped unexpectedly (${reason}).`);
      report(failure.message);
      died(new Error('Stopping the rest.'));
    });
  }

  /** @param {string} app */
  async function stopOne(app) {
    const me = running.get(app);
    if (!me) return;
    running.delete(app);
    await endProcess(me.pid, 'SIGTERM', PATIENCE_MS);
    await me.exited;
  }

  return {
    async start() {
      failure = undefined;
      const told = { ...env };
      const echo = !env.KEYWARD_ECHO_URL;
      if (echo) {
        told.KEYWARD_ECHO_PORT = String((await choosePorts(home, ['echo'])).echo);
        told.KEYWARD_ECHO_URL = `http://127.0.0.1:${told.KEYWARD_ECHO_PORT}`;
      }
      for (const app of echo ? ['echo', ...APPS] : APPS) startOne(app, envOf(app, told));
      return { url: `http://127.0.0.1:${env.KEYWARD_PORT}`, ops: {} };
    },
    /** The edge first, the services it calls after it. */
    async stop() {
      await stopOne('gateway');
      await Promise.all([...running.keys()].map(stopOne));
    },
    killNow() {
      for (const { pid } of running.values()) signalTree(pid, 'SIGKILL');
    },
    failure: () => failure,
  };
}
