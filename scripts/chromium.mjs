/**
 * The browser that the tests look at the dashboard with: Debian's Chromium. `node scripts/chromium.mjs` installs it where
 * it is missing and may be installed: on Debian and its kin, by root. `.ci/run` and `npm test` call it.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findBinary, isExecutable } from './services/which.mjs';

/** The shell draws pages and nothing around them, for a seventh less of the processor. */
const PACKAGES = ['chromium-headless-shell', 'chromium'];
const NAMES = [...PACKAGES, 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const LIMIT_MS = 300_000;

/** Where it is; undefined where there is none. KEYWARD_CHROMIUM names one that is somewhere else.
 * @type {typeof import('./chromium.d.mts').findChromium} */
export function findChromium(env = process.env) {
  const named = env.KEYWARD_CHROMIUM;
  if (named) return isExecutable(named) ? named : undefined;
  return NAMES.map((name) => findBinary(name, env)).find((path) => path !== undefined);
}

/** The path of a browser, or one sentence that says why there is none.
 * @type {typeof import('./chromium.d.mts').installChromium} */
export function installChromium(report, env = process.env) {
  const found = findChromium(env);
  if (found) return { path: found };
  const apt = findBinary('apt-get', env, []);
  if (!apt || process.getuid?.() !== 0 || env.KEYWARD_CHROMIUM)
    return { why: 'The browser tests need Chromium: install it, or name one in KEYWARD_CHROMIUM.' };

  report('installing chromium from your distribution, for the browser tests');
  /** @param {string[]} args */
  const complaintOf = (...args) => {
    const options = { encoding: 'utf8', timeout: LIMIT_MS, env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
    const { status, stderr, error } = spawnSync(apt, args, /** @type {const} */ ({ ...options, stdio: 'pipe' }));
    return status === 0 ? undefined : (error?.message ?? stderr).trim().split('\n').at(-1);
  };
  let complaint = complaintOf('update', '-qq');
  for (const name of PACKAGES) {
    // Not every release has the shell by itself.
    complaint = complaintOf('install', '-y', '-qq', '--no-install-recommends', name) ?? complaint;
    const installed = findChromium(env);
    if (installed) return { path: installed };
  }
  return {
    why: `The browser tests need Chromium, and apt-get could not bring it: ${complaint ?? 'its program is nowhere'}`,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { why } = installChromium((line) => process.stdout.write(`${line}\n`));
  if (why) {
    process.stderr.write(`${why}\n`);
    process.exitCode = 1;
  }
}
