import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './ask.mjs';
import { Hopeless } from './external.mjs';

export const nats = {
  name: 'nats',
  title: 'NATS',
  variable: 'KEYWARD_NATS_URL',
  binary: 'nats-server',

  /** @param {URL} url */
  async reach(url) {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // Where the address speaks TLS or WebSocket first there is no greeting to read; the apps will tell.
    if (!/^(nats|tls):$/.test(url.protocol)) return;
    checkGreeting(await ask({ host, port: Number(url.port || 4222) }));
  },

  /** @param {{ home: string, binaries: Record<string, Found>, options: { nats?: { accounts?: number } } }} given
   * @returns {import('./local.mjs').Recipe} */
  recipe({ home, binaries, options }) {
    const config = join(home, 'nats', 'nats.conf');
    return {
      name: 'nats',
      title: 'NATS',
      stopSignal: 'SIGTERM',
      url: (port) => `nats://127.0.0.1:${port}`,
      async prepare(port) {
        mkdirSync(join(home, 'nats'), { recursive: true, mode: 0o700 });
        writeFileSync(config, configFor({ port, store: join(home, 'nats'), accounts: options.nats?.accounts ?? 0 }));
        const { command, env } = binaries['nats-server'];
        return { command, args: ['--config', config], options: { env } };
      },
      ready: async (port) => checkGreeting(await ask({ host: '127.0.0.1', port })),
    };
  },
};

/** Bounded: left alone, NATS listens on every interface and may fill three quarters of the memory and the disk.
 * @param {{ port: number, store: string, accounts: number }} wanted */
function configFor({ port, store, accounts }) {
  const lines = [
    `listen: "127.0.0.1:${port}"`,
    'server_name: keyward',
    'ping_interval: "2s"',
    'ping_max: 2',
    `jetstream { store_dir: ${JSON.stringify(store)}, max_memory_store: 256MB, max_file_store: 2GB }`,
  ];
  if (accounts > 0) {
    lines.push('accounts {');
    for (let i = 1; i <= accounts; i++) {
      lines.push(`  W${i} { jetstream: enabled, users: [{ user: w${i}, password: w${i} }] }`);
    }
    lines.push('}');
  }
  return `${lines.join('\n')}\n`;
}

/** @param {string} greeting */
function checkGreeting(greeting) {
  if (!greeting.startsWith('INFO ')) throw new Error('what answers there is not NATS');
  if (!greeting.includes('"jetstream":true'))
    throw new Hopeless('JetStream is off there (start it with `nats-server -js`)');
}

/** @typedef {import('./binaries.mjs').Found} Found */
