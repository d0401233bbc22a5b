import { Badge as Shape } from '@mantine/core';
import styles from './badge.module.css';

interface BadgeProps {
  /** What it means, which is its colour: the words say it as well. */
  readonly tone: 'good' | 'off' | 'bad' | 'warning' | 'busy';
  readonly children: string;
}

/** How something stands, in a word. */
export function Badge({ tone, children }: BadgeProps) {
  return (
    <Shape className={styles.badge} data-tone={tone} variant="unstyled" leftSection={<span className={styles.dot} />}>
      {children}
    </Shape>
  );
}
