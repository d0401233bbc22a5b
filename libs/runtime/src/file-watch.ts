import { type FSWatcher, watch } from 'node:fs';
import type { Log } from './log.js';

/** Several files change together, and one file in several writes: they are read when it has been quiet for so long. */
const QUIET_MILLISECONDS = 150;

export interface Signals {
  on(signal: 'SIGHUP', heard: () => void): unknown;
  off(signal: 'SIGHUP', heard: () => void): unknown;
}

interface Watched {
  /** A folder and not a file: editors and Kubernetes replace files instead of writing into them. */
  readonly dir: string;
  readonly what: string;
  readonly log: Log;
  readonly signals?: Signals;
}

/** Calls when something in a folder has changed, and on SIGHUP for file systems that tell nobody. Returns how to stop. */
export function watchFiles({ dir, what, log, signals = process }: Watched, changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  const deaf = (error: unknown) => log.warn({ err: error }, `${what} read again on SIGHUP only`);
  signals.on('SIGHUP', changed);
  try {
    watcher = watch(dir, () => {
      clearTimeout(timer);
      timer = setTimeout(changed, QUIET_MILLISECONDS);
    });
    watcher.on('error', deaf);
    watcher.unref();
  } catch (error) {
    deaf(error);
  }
  return () => {
    clearTimeout(timer);
    watcher?.close();
    signals.off('SIGHUP', changed);
  };
}
