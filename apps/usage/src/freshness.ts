import { Injectable } from '@nestjs/common';
import { Clock } from '#runtime/clock';

/** How far the ledger has come: everything that was told before this moment is in it. */
@Injectable()
export class Freshness {
  private at: number;

  constructor(private readonly clock: Clock) {
    this.at = clock.now();
  }

  /** Nothing was waiting when this was looked at. */
  caughtUp(): void {
    this.reached(this.clock.now());
  }

  /** What was told at this moment is written, and more is waiting. */
  reached(at: number): void {
    this.at = Math.max(this.at, at);
  }

  asOf(): string {
    return new Date(this.at).toISOString();
  }
}
