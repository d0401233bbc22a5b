import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';

const QUIET_MS = 200;

/**
 * Calls `changed` once the sources have been quiet for a moment, and never twice at a time.
 * @param {{ root: string, changed: () => Promise<void> }} given @returns {() => void} stops watching
 */
export function watchSources({ root, changed }) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let busy = false;
  let again = false;

  async function fire() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    await changed();
    busy = false;
    if (again) {
      again = false;
      fire();
    }
  }

  const folders = ['apps', 'libs'].map((name) => join(root, name)).filter((folder) => existsSync(folder));
  const watchers = folders.map((folder) =>
    watch(folder, { recursive: true }, (_, file) => {
      // The dashboard has a dev server of its own.
      if (!file || !/^[^/\\]+[/\\]src[/\\].*\.(ts|json)$/.test(file) || /\.(spec|story)\.ts$/.test(file)) return;
      clearTimeout(timer);
      timer = setTimeout(fire, QUIET_MS);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
