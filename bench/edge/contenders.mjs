/** Who takes turns: nobody in between, nginx, a bare Node proxy, Portkey’s gateway, and Keyward in its ways of being asked. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, has, LOAD_CORE, listening, said, start } from './processes.mjs';

const PATH = '/v1/chat/completions';
const PORTKEY = ['@portkey-ai/gateway@1.15.2', '@hono/node-server@1.13.5', 'hono@4.9.7'];

/**
 * @typedef {{ name: string, url: string, headers: string[], pids: number[], refuses?: boolean }} Contender
 * @typedef {import('node:child_process').ChildProcess} Child
 */

const PROVIDER = fileURLToPath(import.meta.resolve('./provider.mjs'));
const BARE = fileURLToPath(import.meta.resolve('./bare.mjs'));

/** @param {Child[]} children @returns {Promise<string>} */
export async function provider(children) {
  const port = await freePort();
  children.push(start(process.execPath, [PROVIDER, String(port)], { core: LOAD_CORE }));
  await listening(port);
  return `http://127.0.0.1:${port}`;
}

/** @param {string} origin @returns {Contender} */
export function direct(origin) {
  return { name: 'direct', url: origin + PATH, headers: ['authorization: Bearer x'], pids: [] };
}

/** @param {string} origin @param {Child[]} children @returns {Promise<Contender>} */
export async function bare(origin, children) {
  const port = await freePort();
  const child = start(process.execPath, [BARE, String(port), origin]);
  children.push(child);
  await listening(port);
  return contender('bare', port, ['authorization: Bearer x'], child);
}

/** Null where it is not installed. @param {string} origin @param {string} home @param {Child[]} children */
export async function nginx(origin, home, children) {
  if (!has('nginx')) return null;
  const port = await freePort();
  const dir = join(home, 'nginx');
  mkdirSync(dir, { recursive: true });
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${dir}/${of};`);
  writeFileSync(
    join(dir, 'nginx.conf'),
    `worker_processes 1; daemon off; master_process off; pid ${dir}/pid; error_log ${dir}/error.log;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 100000000; client_body_buffer_size 64k; ${paths.join(' ')}
      upstream provider { server ${new URL(origin).host}; keepalive 256; keepalive_requests 100000000; }
      server {
        listen 127.0.0.1:${port} backlog=4096;
        location / {
          proxy_pass http://provider; proxy_http_version 1.1; proxy_buffering off;
          proxy_set_header connection ""; proxy_set_header authorization "Bearer of-the-provider";
        }
      }
    }`,
  );
  const child = start('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')]);
  children.push(child);
  await listening(port);
  return contender('nginx', port, ['authorization: Bearer x'], child);
}

/** From npm, into a folder of its own: it is measured, and nothing of ours needs it. @param {string} origin @param {string} home @param {Child[]} children */
export async function portkey(origin, home, children) {
  const dir = join(home, 'portkey');
  const script = join(dir, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  try {
    if (!existsSync(script)) await said('npm', ['install', '--loglevel=error', '--prefix', dir, ...PORTKEY], {});
  } catch {
    return null;
  }
  const port = await freePort();
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = start(process.execPath, [script, `--port=${port}`, '--headless'], { env, cwd: dir });
  child.stdout.resume();
  children.push(child);
  await listening(port);
  const headers = ['authorization: Bearer x', 'x-portkey-provider: openai', `x-portkey-custom-host: ${origin}/v1`];
  return contender('portkey', port, headers, child);
}

/** @param {string} name @param {string} url @param {string} key @param {number} pid @returns {Contender} */
export function keyward(name, url, key, pid) {
  return { name, url: url + PATH, headers: [`authorization: Bearer ${key}`], pids: [pid] };
}

/** @param {string} name @param {number} port @param {string[]} headers @param {Child} child @returns {Contender} */
function contender(name, port, headers, child) {
  return { name, url: `http://127.0.0.1:${port}${PATH}`, headers, pids: [child.pid ?? 0] };
}
