import type { AddressInfo } from 'node:net';
import { readConfig } from '#runtime/config';
import { type Running, run } from '#runtime/run';
import { createEchoServer } from './server.js';
import { ECHO_SETTINGS, LOOPBACK } from './settings.js';

interface Echo extends Running {
  readonly name: 'echo';
  readonly url: string;
  readonly opsUrl: null;
}

/** The built-in provider: a first call succeeds with no account anywhere. Never a part of production. */
export async function start(env: NodeJS.ProcessEnv): Promise<Echo> {
  const config = readConfig(ECHO_SETTINGS, env);
  const server = createEchoServer({ paceMilliseconds: config.KEYWARD_ECHO_PACE_MILLISECONDS });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.KEYWARD_ECHO_PORT, LOOPBACK, resolve);
  });
  return {
    name: 'echo',
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    opsUrl: null,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

if (import.meta.main) await run(start);
