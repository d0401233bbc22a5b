import type { DenialCount } from '#contracts/usage';
import type { Segment } from './segments.js';

const MOST_EVENTS = 500;
const MOST_BYTES = 512 * 1024;

/** What is to be told together, of one file, in the order in which it was written down. Its events are text already. */
export class GrowingBatch {
  private readonly events: string[] = [];
  private readonly denials: DenialCount[] = [];
  /** When the first of its requests was admitted. */
  since = Number.POSITIVE_INFINITY;
  /** Where it ends in its file. */
  to: number;

  constructor(
    readonly segment: Segment,
    readonly from: number,
  ) {
    this.to = from;
  }

  get size(): number {
    return this.events.length;
  }

  get isFull(): boolean {
    return this.events.length >= MOST_EVENTS || this.to - this.from > MOST_BYTES;
  }

  addEvent(text: string, bornAt: number): void {
    this.events.push(text);
    this.since = Math.min(this.since, bornAt);
  }

  addDenials(counts: readonly DenialCount[]): void {
    this.denials.push(...counts);
  }

  /** As it is told. */
  get text(): string {
    return `{"events":[${this.events.join(',')}],"denials":${JSON.stringify(this.denials)}}`;
  }
}
