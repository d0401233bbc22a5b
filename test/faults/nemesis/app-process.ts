import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../eventually.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** One of our programs, as it is run in production: a process that can be killed. */
export class AppProcess {
  /** When it was killed or told to stop, by our clock: what it had under way then may be told differently. */
  readonly ends: number[] = [];
  private child?: ChildProcess;

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
    const log = openSync(join(this.logs, `${this.name}.log`), 'a');
    const main = join(ROOT, `dist/apps/${this.app}/src/main.js`);
    const options = { cwd: ROOT, env: this.env, stdio: ['ignore', log, log] as ['ignore', number, number] };
    this.child = spawn(process.execPath, [main], options);
    closeSync(log);
  }

  async ready(milliseconds = 90_000): Promise<void> {
    const look = () =>
      fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
        async (reply) => (reply.ok ? '' : await reply.text()),
        (error: Error) => error.message,
      );
    await eventually(look, (trouble) => trouble === '', milliseconds).catch((error: Error) => {
      throw new Error(`${this.name} is not ready: ${error.message}`);
    });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.ends.push(Date.now());
    const gone = once(child, 'exit');
    child.kill(signal);
    const late = signal === 'SIGKILL' ? undefined : setTimeout(() => child.kill('SIGKILL'), 30_000);
    await gone;
    clearTimeout(late);
  }
}
