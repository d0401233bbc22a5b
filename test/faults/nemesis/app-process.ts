import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../eventually.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** One of our programs, as it is run in production: a process that can be killed. */
export class AppProcess {
  /** When it was killed or told to stop, by our clock: what it had under way then may be told differently. */
  readonly ends: number[] = [];
  /** How it ended where nobody had asked it to: it never should. */
  readonly deaths: string[] = [];
  private child?: ChildProcess;
  private ending?: ChildProcess;

  constructor(
    readonly name: string,
    private readonly app: string,
    private readonly port: number,
    private readonly env: NodeJS.ProcessEnv,
    private readonly logs: string,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  start(): void {
    const path = join(this.logs, `${this.name}.log`);
    const log = openSync(path, 'a');
    const main = join(ROOT, `dist/apps/${this.app}/src/main.js`);
    const options = { cwd: ROOT, env: this.env, stdio: ['ignore', log, log] as ['ignore', number, number] };
    const child = spawn(process.execPath, [main], options);
    this.child = child;
    closeSync(log);
    child.once('exit', (code, signal) => {
      if (this.ending === child) return;
      const last = readFileSync(path, 'utf8').trim().split('\n').slice(-5).join('\n').slice(-2000);
      this.deaths.push(`${this.name} ended by itself (${code ?? signal}); the end of its log:\n${last}`);
    });
  }

  async ready(milliseconds = 90_000): Promise<void> {
    const look = () =>
      fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
        async (reply) => (reply.ok ? '' : await reply.text()),
        (error: Error) => error.message,
      );
    await eventually(look, (trouble) => trouble === '', milliseconds).catch((error: Error) => {
      throw new Error([`${this.name} is not ready: ${error.message}`, ...this.deaths].join('\n'));
    });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.ends.push(Date.now());
    this.ending = child;
    const gone = once(child, 'exit');
    child.kill(signal);
    const late = signal === 'SIGKILL' ? undefined : setTimeout(() => child.kill('SIGKILL'), 30_000);
    await gone;
    clearTimeout(late);
  }
}
