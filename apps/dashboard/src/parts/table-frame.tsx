import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './table-frame.module.css';

interface TableFrameProps {
  readonly label: string;
  /** In pixels: below it, the frame scrolls. */
  readonly minWidth?: number;
  /** Where not all of its rows are drawn: how many there are, or that there are more than were read. */
  readonly rows?: number | 'more';
  readonly children: ReactNode;
}

/** A table in its frame: dense, calm, and scrolling by itself where the window is narrower. */
export function TableFrame({ label, minWidth = 560, rows, children }: TableFrameProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse
    <section className={styles.frame} aria-label={label} tabIndex={0}>
      <Table
        className={styles.table}
        style={{ minWidth }}
        horizontalSpacing="sm"
        aria-rowcount={rows === 'more' ? -1 : rows === undefined ? undefined : rows + 1}
      >
        {children}
      </Table>
    </section>
  );
}
