import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bornAt, isSame, readJson } from '../services/processes.mjs';

/**
 * One launcher per data directory: two would each stop the other's servers as orphans.
 * @param {string} home
 */
export async function takeLock(home) {
  const file = join(home, 'launcher.lock');
  const mine = { pid: process.pid, born: bornAt(process.pid) };
  try {
    writeFileSync(file, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const failure = /** @type {NodeJS.ErrnoException} */ (error);
    if (failure.code !== 'EEXIST') throw explained(failure, home);
    refuseIfHeld(readJson(file));
    // Its launcher is gone. Of several that see so at once, the last to write has it, and the others step back.
    replace(file, mine);
    await sleep(100);
    const holder = readJson(file);
    if (holder?.pid !== process.pid) refuseIfHeld(holder);
  }
  return {
    /** @param {string} url */
    announce: (url) => replace(file, { ...mine, url }),
    release: () => rmSync(file, { force: true }),
  };
}

/** @param {{ pid: number, born: string, url?: string } | undefined} holder */
function refuseIfHeld(holder) {
  if (!holder || !isSame(holder.pid, holder.born)) return;
  const where = holder.url
    ? `already runs here (pid ${holder.pid}) at ${holder.url}`
    : `is already starting here (pid ${holder.pid})`;
  throw new Error(`Keyward ${where}.`);
}

/** @param {string} file @param {object} content */
function replace(file, content) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(content), { mode: 0o600 });
  renameSync(draft, file);
}

/** @param {NodeJS.ErrnoException} error @param {string} home */
function explained(error, home) {
  if (error.code !== 'EACCES') return error;
  return new Error(
    `${home} belongs to another user: start Keyward as that user, or name another folder in KEYWARD_DATA_DIR.`,
  );
}
