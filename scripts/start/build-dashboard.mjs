import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../services/processes.mjs';
import { hashOf } from './build.mjs';
import { runNode } from './run-node.mjs';
import { say } from './say.mjs';

/** The dashboard, and the libs it shares with the services. */
const SOURCES = [
  'apps/dashboard/**/*',
  'libs/contracts/src/*.ts',
  'libs/domain/src/**/*.ts',
  'package.json',
  'package-lock.json',
];

/**
 * Builds the dashboard into `dist/dashboard`, unless just that is there already.
 * @param {string} root
 */
export async function buildDashboard(root) {
  const dist = join(root, 'dist', 'dashboard');
  const stamp = join(dist, '.sources');
  const wanted = hashOf(root, SOURCES);
  if (readText(stamp) === wanted) return;
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const { code, said } = await runNode([vite, 'build', join('apps', 'dashboard')], root);
  if (code !== 0) {
    say(said.trim());
    throw new Error('The dashboard could not be built; what Vite said is above.');
  }
  if (existsSync(dist)) writeFileSync(stamp, wanted);
}
