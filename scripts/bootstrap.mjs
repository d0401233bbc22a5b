/**
 * Runs before every npm script: installs the dependencies when the lock file has changed, and otherwise gets out of the
 * way. Node's builtins only, and nothing newer than Node 20: this file runs before anything is installed, under
 * whatever Node the machine has. The install then brings the Node that everything else runs with.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(ROOT, 'node_modules', '.keyward-install');
const LEAST_NODE = [24, 11];

/** @type {typeof import('./bootstrap.d.mts').installReason} */
export function installReason({ wanted, stamped, bringsNode, nodeVersion }) {
  if (stamped === undefined) return 'nothing is installed yet';
  if (stamped !== wanted) return 'package-lock.json has changed';
  if (!bringsNode && !isEnough(nodeVersion)) return 'node_modules has lost its Node';
  return undefined;
}

/** @type {typeof import('./bootstrap.d.mts').agrees} */
export function agrees(lock, installed) {
  const same = (path, entry) => {
    const found = installed.packages[path];
    // Optional packages are mostly for other machines; one that is here must still be the right one.
    if (!found) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  };
  return Object.entries(lock.packages).every(([path, entry]) => path === '' || same(path, entry));
}

async function bootstrap() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const wanted = createHash('sha256').update(lock).digest('hex');
  const facts = () => ({ wanted, stamped: readStamp(), bringsNode: bringsNode(), nodeVersion: process.versions.node });
  // Somebody who ran `npm ci` by hand need not wait for it again.
  if (readStamp() !== wanted && installedByHand(JSON.parse(lock))) writeFileSync(STAMP, wanted);

  const reason = installReason(facts());
  if (!reason) return;
  await install(reason);
  writeFileSync(STAMP, wanted);
  if (installReason(facts())) {
    throw new Error(
      `Keyward needs Node ${LEAST_NODE.join('.')} or newer and could not bring it for ${process.platform}-${process.arch}: ` +
        `please install it (this is Node ${process.versions.node}).`,
    );
  }
}

/** @param {string} reason */
async function install(reason) {
  const { command, args, shell } = npm();
  const begun = Date.now();
  const line = () => `Installing dependencies (${reason}) … ${Math.round((Date.now() - begun) / 1000)} s`;
  const live = process.stdout.isTTY === true;
  const ticker = live && setInterval(() => process.stdout.write(`\r${line()}`), 1000);
  process.stdout.write(live ? line() : `Installing dependencies (${reason}); this takes about half a minute\n`);
  // Development needs all of it, whatever NODE_ENV or an .npmrc say. A lone `--loglevel` also spares Node 20 users the
  // complaint that their Node is too old: the right one is among the packages.
  const all = [...args, 'ci', '--loglevel=error', '--include=dev', '--include=optional'];
  const { code, said } = await new Promise((resolve) => {
    const child = spawn(command, all, { cwd: ROOT, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
    child.once('error', (error) => resolve({ code: -1, said: error.message }));
    child.once('close', (status) => resolve({ code: status, said: text }));
  });
  if (ticker) clearInterval(ticker);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  process.stdout.write(
    `${live ? '\r\x1b[K' : ''}${code === 0 ? 'Installed' : 'The install stopped'} after ${seconds} s\n`,
  );
  if (code !== 0) throw new Error(`${said.trim()}\nnpm could not install the dependencies; its own words are above.`);
}

/** The npm that called us, so that its settings and cache are the ones in use. */
function npm() {
  const caller = process.env.npm_execpath;
  if (caller && basename(caller) === 'npm-cli.js') return { command: process.execPath, args: [caller], shell: false };
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}

function readStamp() {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : undefined;
}

/** @param {import('./bootstrap.d.mts').Lock} lock */
function installedByHand(lock) {
  try {
    return agrees(lock, JSON.parse(readFileSync(join(ROOT, 'node_modules', '.package-lock.json'), 'utf8')));
  } catch {
    return false;
  }
}

function bringsNode() {
  return ['node', 'node.cmd'].some((name) => existsSync(join(ROOT, 'node_modules', '.bin', name)));
}

/** @param {string} version */
function isEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  bootstrap().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
