import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './ask.mjs';

export const redis = {
  name: 'redis',
  title: 'Redis',
  variable: 'KEYWARD_REDIS_URL',
  binary: 'redis-server',

  /** @param {URL} url */
  async reach(url) {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const answer = await ask({
      host,
      port: Number(url.port || 6379),
      tls: url.protocol === 'rediss:',
      say: 'PING\r\n',
    });
    // One that wants a password first is there too; the apps have it from the URL.
    if (!/^(\+PONG|-NOAUTH)/.test(answer))
      throw new Error(`it answered ${JSON.stringify(answer.slice(0, 60))} to PING`);
  },

  /** @param {{ home: string, binaries: Record<string, import('./binaries.mjs').Found> }} given
   * @returns {import('./local.mjs').Recipe} */
  recipe({ home, binaries }) {
    const dir = join(home, 'redis');
    return {
      name: 'redis',
      title: 'Redis',
      stopSignal: 'SIGTERM',
      url: (port) => `redis://127.0.0.1:${port}`,
      async prepare(port) {
        mkdirSync(dir, { recursive: true, mode: 0o700 });
        const { command, env } = binaries['redis-server'];
        return { command, args: argsFor(port, dir), options: { env } };
      },
      async ready(port) {
        const answer = await ask({ host: '127.0.0.1', port, say: 'PING\r\n' });
        if (!answer.startsWith('+PONG')) throw new Error(`it answered ${JSON.stringify(answer.slice(0, 60))} to PING`);
      },
    };
  },
};

/** Counters must never be evicted, and must outlive a restart.
 * @param {number} port @param {string} dir */
function argsFor(port, dir) {
  const settings = {
    bind: '127.0.0.1',
    port,
    dir,
    daemonize: 'no',
    databases: 64,
    appendonly: 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
