/**
 * Postgres refuses to run as root, and "run it as somebody else" must also work where nobody else can look: in a
 * checkout under a 0700 home. Three ways, the first that this machine allows:
 *
 * 1. We are not root, or this is no Unix: run it as we are.
 * 2. A user namespace, in which root goes by another number. Containers often forbid it.
 * 3. Really another user, with the one capability to pass through folders that are closed to it. `no_setuid_fixup`
 *    keeps that capability valid for access(2), with which Postgres looks for its own binaries.
 *
 * Where even the third is not possible it is another user plainly, which is enough for folders that are open to all.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const NOBODY = { uid: 65534, gid: 65534 };

/** @typedef {{ prefix: string[], options: { uid?: number, gid?: number }, owner?: { uid: number, gid: number } }} Whom */

/** @param {string} data @param {string} postgres @returns {Whom} */
export function asWhom(data, postgres) {
  if (process.getuid?.() !== 0) return { prefix: [], options: {} };

  // The data keeps the owner it was made with: an ordinary user's, or the one of an earlier start as root.
  const made = statSync(data, { throwIfNoEntry: false });
  const namespace = ['unshare', '--user', '--map-user=1000'];
  if ((!made || made.uid === 0) && works(namespace, postgres)) return { prefix: namespace, options: {} };

  const owner = made && made.uid !== 0 ? { uid: made.uid, gid: made.gid } : NOBODY;
  const capable = ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  capable.push('--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup');
  if (works(capable, postgres)) return { prefix: capable, options: {}, owner };
  // To pass through, not to look around.
  chmodSync(dirname(data), 0o711);
  return { prefix: [], options: owner, owner };
}

/** @param {string[]} prefix @param {string} postgres */
function works(prefix, postgres) {
  return spawnSync(prefix[0], [...prefix.slice(1), postgres, '--version'], { stdio: 'ignore' }).status === 0;
}
