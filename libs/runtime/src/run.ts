import { ConfigError } from './config.js';

/** An app that is up. */
export interface Running {
  readonly name: string;
  /** Where clients reach it; null where it is reached over the bus. */
  readonly url: string | null;
  readonly opsUrl: string | null;
  stop(): Promise<void>;
}

export type Start = (env: NodeJS.ProcessEnv) => Promise<Running>;

const STOP_MILLISECONDS = 55_000;

/** An app as a process of its own: start, stop on a signal, say why it could not. */
export async function run(start: Start): Promise<void> {
  let running: Running;
  try {
    running = await start(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : ((error as Error).stack ?? error)}\n`);
    process.exit(1);
  }
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      setTimeout(() => process.exit(1), STOP_MILLISECONDS).unref();
      running.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}
