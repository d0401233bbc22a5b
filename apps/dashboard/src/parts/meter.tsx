import styles from './meter.module.css';

interface MeterProps {
  readonly label: string;
  /** Of 1. */
  readonly share: number;
  /** Set aside for what is under way, on top of it. */
  readonly reserved?: number;
  /** The same in words: no state is told by a colour alone. */
  readonly text: string;
}

export function Meter({ label, share, reserved = 0, text }: MeterProps) {
  const percent = Math.min(100, share * 100);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> has one bar, and this has two: what is used, and what is reserved
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      aria-valuetext={text}
      className={styles.track}
      data-state={stateOf(share)}
    >
      <div className={styles.used} style={{ width: `${percent}%` }} />
      {reserved > 0 && (
        <div className={styles.reserved} style={{ width: `${Math.min(100 - percent, reserved * 100)}%` }} />
      )}
    </div>
  );
}

function stateOf(share: number): 'ok' | 'near' | 'reached' {
  if (share >= 1) return 'reached';
  return share >= 0.8 ? 'near' : 'ok';
}
