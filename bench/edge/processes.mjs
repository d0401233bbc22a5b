/** Processes on a core of their own, and what they cost. The load and everything else is on core 0, who is measured on the last. */
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

export const LOAD_CORE = 0;
export const MEASURED_CORE = availableParallelism() - 1;

const pins = process.platform === 'linux' && MEASURED_CORE > 0 && has('taskset');

/** @param {string} program */
export function has(program) {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} command @param {readonly string[]} args
 * @param {{ core?: number, env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 */
export function start(command, args, { core = MEASURED_CORE, env = process.env, cwd } = {}) {
  const [program = '', ...rest] = pins ? ['taskset', '-c', String(core), command, ...args] : [command, ...args];
  return spawn(program, rest, { env, cwd, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** What a program prints until it ends. @param {Parameters<typeof start>} given @returns {Promise<string>} */
export async function said(...given) {
  const child = start(...given);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (code !== 0) throw new Error(`${given[0]} ended with ${code}: ${text.slice(-400)}`);
  return text;
}

/** @param {number} port */
export async function listening(port, milliseconds = 20_000) {
  const deadline = Date.now() + milliseconds;
  while (!(await reaches(port))) {
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port}`);
    await sleep(50);
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function reaches(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Nanoseconds of processor time so far, of all threads of these processes. @param {readonly number[]} pids */
export function cpuNanos(pids) {
  let sum = 0;
  for (const pid of pids)
    for (const thread of readdirSync(`/proc/${pid}/task`))
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return sum;
}

/** Memory in use, in megabytes. @param {readonly number[]} pids */
export function residentMegabytes(pids) {
  return pids.reduce((sum, pid) => {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return sum + Number(kilobytes?.[1] ?? 0) / 1024;
  }, 0);
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** This process, and what it starts without saying otherwise. */
export function stayOnLoadCore() {
  if (pins) execFileSync('taskset', ['-cp', String(LOAD_CORE), String(process.pid)], { stdio: 'ignore' });
}
