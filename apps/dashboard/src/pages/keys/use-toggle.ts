import { disableKey, enableKey, type Key } from '../../api/keys.js';
import { ApiProblem } from '../../api/problem.js';
import { useDeed } from '../../parts/use-deed.js';
import type { OpenDialog } from './open-dialog.js';
import { said } from './receipt.js';

/** Enables what is off and disables what is on. An expired key asks for how long it shall live this time. */
export function useToggle(open: (dialog: OpenDialog) => void): (key: Key) => void {
  const run = useDeed('keys', 'projects');
  const enable = (key: Key) =>
    enableKey(key).catch((refusal: unknown) => {
      // By the server’s clock it has expired already.
      if (refusal instanceof ApiProblem && refusal.code === 'new_expiry_needed') open({ kind: 'enable', key });
      throw refusal;
    });
  return (key) => {
    const isExpired = key.status === 'expired' || isPast(key.expires_at);
    if (isExpired) return open({ kind: 'enable', key });
    if (key.status === 'disabled') return run(() => enable(key), `“${key.name}” is enabled.`);
    run(
      () => disableKey(key),
      ({ receipt }) => `“${key.name}” is disabled. ${said(receipt)}`,
    );
  };
}

function isPast(expiry: string | null): boolean {
  return expiry !== null && Date.parse(expiry) <= Date.now();
}
