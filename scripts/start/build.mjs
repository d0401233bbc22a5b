import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../services/processes.mjs';
import { runNode } from './run-node.mjs';
import { say } from './say.mjs';

const SOURCES = [
  'apps/!(dashboard)/src/**/*',
  'libs/*/src/**/*',
  'nest-cli.json',
  '.swcrc',
  'tsconfig.json',
  'package-lock.json',
];

/**
 * Builds what the sources say, unless `dist/` holds just that already.
 * `keepOld` is for while apps run from dist/, which then may hold left-over files.
 * @type {typeof import('./build.d.mts').build}
 */
export async function build(root, { keepOld = false } = {}) {
  const dist = join(root, 'dist');
  const stamp = join(dist, '.sources');
  const wanted = hashOf(root, SOURCES);
  if (readText(stamp) === wanted) return;
  rmSync(stamp, { force: true });
  // Beside them is what the dashboard was built into, by itself.
  if (!keepOld) for (const part of ['apps', 'libs']) rmSync(join(dist, part), { recursive: true, force: true });

  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const { code, said } = await runNode([nest, 'build', '--all'], root);
  if (code !== 0) {
    say(said.trim());
    throw new Error('The build failed; what the compiler said is above.');
  }
  if (existsSync(dist)) writeFileSync(stamp, wanted);
}

/** @param {string} root @param {readonly string[]} sources */
export function hashOf(root, sources) {
  const hash = createHash('sha256');
  for (const file of globSync(sources, { cwd: root }).sort()) {
    const path = join(root, file);
    if (statSync(path).isFile()) hash.update(`${file}\0`).update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}
