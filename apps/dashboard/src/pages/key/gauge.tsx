import { Stack, Text } from '@mantine/core';
import { Meter } from '../../parts/meter.js';
import styles from './key-page.module.css';

interface GaugeProps {
  readonly label: string;
  readonly figure: string;
  readonly note: string;
  /** Of 1; left out where there is nothing to fill. */
  readonly share?: number;
  readonly reserved?: number;
}

export function Gauge({ label, figure, note, share, reserved }: GaugeProps) {
  return (
    <Stack gap={8} className={styles.gauge}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <div className={styles.figure}>{figure}</div>
      {share !== undefined && <Meter label={label} share={share} reserved={reserved} text={`${figure} ${note}`} />}
      <Text size="xs" c="dimmed" className="number">
        {note}
      </Text>
    </Stack>
  );
}
