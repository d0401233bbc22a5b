/**
 * The distribution's own packages, unpacked into `.keyward/tools`: signed and patched by people who do that for a
 * living, yet nothing is installed, no root is needed and no service starts by itself. Debian, Ubuntu and their kin.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBinary, isExecutable } from './which.mjs';

/** Beside every data directory, because the tests' ones come and go. */
const TOOLS = fileURLToPath(new URL('../../.keyward/tools/', import.meta.url));
const DPKG_STATUS = '/var/lib/dpkg/status';
const LIMIT_MS = 120_000;
/** What a server needs besides itself, for where apt cannot work that out. */
const COMPANIONS = { 'redis-server': ['redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'] };

/**
 * @param {string[]} names package names; each carries a server of its own name
 * @param {{ env: Record<string, string | undefined>, report: (line: string) => void, tools?: string, status?: string }} given
 * @returns {Promise<{ servers: Record<string, import('./binaries.mjs').Found>, why: string }>}
 */
export async function unpackServers(names, { env, report, tools = TOOLS, status = DPKG_STATUS }) {
  const missing = names.filter((name) => !unpacked(name, tools));
  let why = '';
  if (missing.length > 0) {
    const apt = findBinary('apt-get', env, []);
    const dpkg = findBinary('dpkg', env, []);
    if (!apt || !dpkg || !existsSync(status)) {
      why = 'nor apt to fetch them with';
    } else {
      report(`fetching ${missing.join(' and ')} from your distribution into ${tools} (nothing is installed)`);
      await fetchAndUnpack(missing, { apt, dpkg, tools, status }).catch((error) => {
        why = `and apt could not fetch them: ${error.message}`;
      });
    }
  }
  const servers = Object.fromEntries(names.flatMap((name) => unpacked(name, tools) ?? []));
  return { servers, why };
}

/** @param {string} name @param {string} tools @returns {[string, import('./binaries.mjs').Found][] | undefined} */
function unpacked(name, tools) {
  const root = join(tools, name);
  const command = ['usr/bin', 'usr/sbin'].map((folder) => join(root, folder, name)).find(isExecutable);
  if (!command) return undefined;
  const libraries = ['usr/lib', 'lib']
    .map((folder) => join(root, folder))
    .flatMap(withSubfolders)
    .join(':');
  return [[name, { command, env: { ...process.env, LD_LIBRARY_PATH: libraries } }]];
}

/** @param {string[]} names @param {{ apt: string, dpkg: string, tools: string, status: string }} using */
async function fetchAndUnpack(names, { apt, dpkg, tools, status }) {
  mkdirSync(tools, { recursive: true });
  const work = mkdtempSync(join(tools, 'work-'));
  try {
    const state = join(work, 'state');
    const archives = join(work, 'cache', 'archives');
    const bare = join(work, 'bare');
    const folders = [join(state, 'lists', 'partial'), join(archives, 'partial'), bare];
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    // A copy, so that apt has no reason to lock the real one. With it apt knows what is installed already, and fetches
    // just the libraries that this machine lacks, whatever this release calls them.
    copyFileSync(status, join(state, 'status'));
    const settings = aptSettings(work).flatMap((setting) => ['-o', setting]);
    await run(apt, ['-q', ...settings, 'update']);
    for (const name of names) {
      const download = ['-qq', '-y', '--no-install-recommends', '--download-only', ...settings, 'install', name];
      // It declines while any package of the machine is half installed; that is not our business.
      await run(apt, download).catch(() =>
        run(apt, ['-qq', ...settings, 'download', name, ...(COMPANIONS[name] ?? [])], bare),
      );
      const root = join(work, name);
      for (const folder of [archives, bare]) {
        for (const file of readdirSync(folder).filter((entry) => entry.endsWith('.deb'))) {
          await run(dpkg, ['-x', join(folder, file), root]);
          rmSync(join(folder, file));
        }
      }
      // In one step, so that what is there is whole; another start that was faster has made the same.
      if (!existsSync(join(tools, name))) renameSync(root, join(tools, name));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} work */
const aptSettings = (work) => [
  `Dir::State=${join(work, 'state')}`,
  `Dir::State::status=${join(work, 'state', 'status')}`,
  `Dir::Cache=${join(work, 'cache')}`,
  `Dir::Log=${work}`,
  'APT::Sandbox::User=',
  'Debug::NoLocking=true',
  'Acquire::Languages=none',
  'Acquire::Retries=2',
  'Acquire::http::Timeout=15',
  'Acquire::https::Timeout=15',
];

/** @param {string} command @param {string[]} args @param {string} [cwd] */
function run(command, args, cwd) {
  return /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      const env = { ...process.env, LC_ALL: 'C' };
      const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
      child.once('error', reject);
      child.once('close', (code) => {
        const complaint = said
          .split('\n')
          .findLast((line) => line.startsWith('E: '))
          ?.slice(3);
        if (code === 0) resolve();
        else reject(new Error(complaint ?? `${command} ended with ${code}`));
      });
    })
  );
}

/** Libraries sit in `usr/lib` or in a folder of it named after the machine.
 * @param {string} folder @returns {string[]} */
function withSubfolders(folder) {
  if (!existsSync(folder)) return [];
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...below.map((entry) => join(folder, entry.name))];
}
