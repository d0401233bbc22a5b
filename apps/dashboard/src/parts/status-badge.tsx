import { Badge } from '@mantine/core';
import { type KeyState, STATE_LABELS } from '../pages/keys/key-state.js';
import styles from './status-badge.module.css';

export function StatusBadge({ state }: { readonly state: KeyState }) {
  return (
    <Badge className={styles.badge} data-state={state} variant="unstyled" leftSection={<span className={styles.dot} />}>
      {STATE_LABELS[state]}
    </Badge>
  );
}
