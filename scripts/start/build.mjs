import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../services/processes.mjs';
import { say } from './say.mjs';

const SOURCES = ['apps/*/src/**/*', 'libs/*/src/**/*', 'nest-cli.json', '.swcrc', 'tsconfig.json', 'package-lock.json'];

/**
 * Builds what the sources say, unless `dist/` holds just that already.
 * @param {string} root
 * @param {{ keepOld?: boolean }} [options] `keepOld` while apps run from dist/, which then may hold left-over files
 */
export async function build(root, { keepOld = false } = {}) {
  const dist = join(root, 'dist');
  const stamp = join(dist, '.sources');
  const wanted = hashOf(root);
  if (readText(stamp) === wanted) return;
  rmSync(keepOld ? stamp : dist, { recursive: true, force: true });

  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const { code, said } = await run([nest, 'build', '--all'], root);
  if (code !== 0) {
    say(said.trim());
    throw new Error('The build failed; what the compiler said is above.');
  }
  if (existsSync(dist)) writeFileSync(stamp, wanted);
}

/** @param {string} root */
function hashOf(root) {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES, { cwd: root }).sort()) {
    const path = join(root, file);
    if (statSync(path).isFile()) hash.update(`${file}\0`).update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

/** @param {string[]} args @param {string} cwd @returns {Promise<{ code: number | null, said: string }>} */
function run(args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });
}
