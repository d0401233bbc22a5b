import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { disableKey, enableKey, type Key, keysChanged } from '../../api/keys.js';
import { ApiProblem, sentenceOf } from '../../api/problem.js';
import type { OpenDialog } from './open-dialog.js';
import { said } from './receipt.js';

/** Enables what is off and disables what is on. An expired key asks for how long it shall live this time. */
export function useToggle(open: (dialog: OpenDialog) => void): (key: Key) => void {
  const queries = useQueryClient();
  const toggle = async (key: Key) => {
    if (key.status === 'expired' || isPast(key.expires_at)) return open({ kind: 'enable', key });
    try {
      if (key.status === 'disabled') {
        await enableKey(key);
        notifications.show({ message: `“${key.name}” is enabled.` });
      } else {
        const { receipt } = await disableKey(key);
        notifications.show({ message: `“${key.name}” is disabled. ${said(receipt)}` });
      }
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'new_expiry_needed') return open({ kind: 'enable', key });
      notifications.show({ color: 'red', title: 'This did not work', message: sentenceOf(error) });
    }
    await keysChanged(queries);
  };
  return (key) => void toggle(key);
}

function isPast(expiry: string | null): boolean {
  return expiry !== null && Date.parse(expiry) <= Date.now();
}
