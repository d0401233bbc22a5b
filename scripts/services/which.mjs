import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where servers live that an ordinary user's PATH leaves out. */
const USUAL_PLACES = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/home/linuxbrew/.linuxbrew/bin',
];

/** @param {string} name @param {Record<string, string | undefined>} env @param {string[]} places @returns {string | undefined} */
export function findBinary(name, env, places = USUAL_PLACES) {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), ...places];
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return folders.map((folder) => join(folder, file)).find(isExecutable);
}

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
