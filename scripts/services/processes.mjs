/**
 * The servers run in sessions of their own, so that Ctrl-C reaches only the launcher, which stops things in order. The
 * price: they outlive a launcher that is killed. So each is written down when it starts, and the next start stops what
 * an earlier one left behind: by process id, and only if that id still means the process we started.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOG_LIMIT_BYTES = 5_000_000;

/**
 * Starts a process, its output in `<home>/logs/<name>.log` unless `stdio` says otherwise, and writes its id down.
 * @param {{ home: string, name: string, command: string, args: string[], stdio?: import('node:child_process').StdioOptions,
 *   options?: import('node:child_process').SpawnOptions }} what
 */
export function launch({ home, name, command, args, stdio, options = {} }) {
  const log = stdio ? undefined : openLog(logFile(home, name));
  const child = spawn(command, args, { ...options, detached: true, stdio: stdio ?? ['ignore', log, log] });
  if (log !== undefined) closeSync(log);
  const exited = new Promise((done) => {
    child.once('error', (error) => done({ reason: error.message }));
    child.once('exit', (code, signal) => done({ reason: signal ? `ended by ${signal}` : `exit code ${code}` }));
  });
  const record = recordFile(home, name);
  if (child.pid) {
    mkdirSync(join(home, 'run'), { recursive: true, mode: 0o700 });
    writeFileSync(record, JSON.stringify({ pid: child.pid, born: bornAt(child.pid) }), { mode: 0o600 });
  }
  exited.then(() => rmSync(record, { force: true }));
  return { child, exited: /** @type {Promise<{ reason: string }>} */ (exited) };
}

/** Stops what a killed launcher left running on this data directory.
 * @param {string} home @param {(line: string) => void} report */
export async function stopOrphans(home, report) {
  const run = join(home, 'run');
  if (!existsSync(run)) return;
  await Promise.all(
    readdirSync(run).map(async (file) => {
      const { pid, born } = readJson(join(run, file)) ?? {};
      if (isSame(pid, born)) {
        const name = file.replace(/\.json$/, '');
        report(`stopping ${name} (pid ${pid}), left behind by an earlier start`);
        await endProcess(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
      }
      rmSync(join(run, file), { force: true });
    }),
  );
}

/** Asks a process to end and waits; after `patienceMs` it is no longer a question.
 * @param {number} pid @param {NodeJS.Signals} signal */
export async function endProcess(pid, signal, patienceMs = 8000) {
  // A frozen process would keep the request until somebody thaws it.
  signalTree(pid, 'SIGCONT');
  send(pid, signal);
  if (await gone([pid], patienceMs)) return;
  const family = [pid, ...descendants(pid)];
  for (const member of family) send(member, 'SIGKILL');
  await gone(family, 5000);
}

/** Signals a process and everything below it. Postgres gives each backend a process group of its own, so one signal to a
 * group would miss them. Parents first: a frozen one starts no new children meanwhile.
 * @param {number} pid @param {NodeJS.Signals} signal @returns {number[]} */
export function signalTree(pid, signal) {
  // Of a dead one nobody can tell any more whose parent it was.
  send(pid, signal === 'SIGKILL' ? 'SIGSTOP' : signal);
  const below = descendants(pid);
  for (const member of [pid, ...below]) send(member, signal);
  return [pid, ...below];
}

/** @param {number[]} pids @param {number} withinMs */
export async function gone(pids, withinMs) {
  for (const deadline = Date.now() + withinMs; ; await sleep(15)) {
    if (!pids.some(isAlive)) return true;
    if (Date.now() > deadline) return false;
  }
}

/** Whether this id still means the process that was born then; ids are reused.
 * @param {number | undefined} pid @param {string | undefined} born */
export function isSame(pid, born) {
  return pid !== undefined && born !== undefined && isAlive(pid) && bornAt(pid) === born;
}

/** When a process was born, as its operating system tells it: together with the id, unmistakable.
 * @param {number} pid @returns {string | undefined} */
export function bornAt(pid) {
  if (process.platform === 'linux') {
    const boot = readText('/proc/sys/kernel/random/boot_id').trim();
    const ticks = statOf(pid)?.[19];
    return ticks && `${boot}/${ticks}`;
  }
  const ps = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return ps.stdout?.trim() || undefined;
}

/** @param {string} home @param {string} name */
export const logFile = (home, name) => join(home, 'logs', `${name}.log`);

/** @param {string} path */
export function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} path @returns {any} undefined when the file is absent or broken */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  // A zombie answers signals, yet holds no port and no file: its parent just has not looked yet.
  if (process.platform === 'linux') return (statOf(pid)?.[0] ?? 'Z') !== 'Z';
  return send(pid, 0);
}

/** @param {number} pid @param {NodeJS.Signals | 0} signal */
function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {number} pid @returns {number[]} */
function descendants(pid) {
  const parents = parentsByPid();
  const found = [pid];
  for (const parent of found) for (const [child, its] of parents) if (its === parent) found.push(child);
  return found.slice(1);
}

/** @returns {[number, number][]} */
function parentsByPid() {
  if (process.platform === 'linux') {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.map((pid) => [Number(pid), Number(statOf(Number(pid))?.[1])]);
  }
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return (stdout ?? '')
    .trim()
    .split('\n')
    .map((line) => /** @type {[number, number]} */ (line.trim().split(/\s+/).map(Number)));
}

/** The fields of /proc/<pid>/stat from the third on: the second, the name, may hold spaces and brackets.
 * @param {number} pid */
function statOf(pid) {
  const text = readText(`/proc/${pid}/stat`);
  return text ? text.slice(text.lastIndexOf(')') + 2).split(' ') : undefined;
}

/** @param {string} path */
function openLog(path) {
  const tooLong = existsSync(path) && statSync(path).size > LOG_LIMIT_BYTES;
  return openSync(path, tooLong ? 'w' : 'a', 0o600);
}

/** @param {string} home @param {string} name */
const recordFile = (home, name) => join(home, 'run', `${name}.json`);
