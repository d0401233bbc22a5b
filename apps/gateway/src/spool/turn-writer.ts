import type { Segment, Segments } from './segments.js';

/** Where a line stands, or why it could not be written. Another file may be the current one by the time that this is told. */
export interface Written {
  readonly segment: Segment;
  readonly from: number;
  readonly to: number;
  readonly problem: unknown;
}

/**
 * What one turn of the event loop has to write down is written at its end, all of it at once: under load a system call for
 * each line would cost as much as everything else that is done for it.
 */
export class TurnWriter {
  private lines: string[] = [];
  private told: ((written: Written) => void)[] = [];

  constructor(private readonly segments: Pick<Segments, 'current'>) {}

  get waiting(): number {
    return this.lines.length;
  }

  add(line: string, told: (written: Written) => void): void {
    if (this.lines.length === 0) setImmediate(() => this.write());
    this.lines.push(line);
    this.told.push(told);
  }

  /** Now, and not only at the end of the turn. */
  write(): void {
    const { lines, told } = this;
    if (lines.length === 0) return;
    this.lines = [];
    this.told = [];
    const { current: segment } = this.segments;
    let to = segment.bytes;
    let problem: unknown = null;
    try {
      segment.append(lines.join(''));
    } catch (error) {
      problem = error;
    }
    for (const [i, line] of lines.entries()) {
      const from = to;
      if (problem === null) to += Buffer.byteLength(line);
      told[i]?.({ segment, from, to, problem });
    }
  }
}
