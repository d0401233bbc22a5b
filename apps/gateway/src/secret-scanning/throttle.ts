import { Refused } from '#contracts/refusals';

const WINDOW_MILLISECONDS = 60_000;
const MOST_ADDRESSES = 10_000;

/** So many requests a minute from each address: checking a signature is cheap, and not free. */
export class Throttle {
  private counts = new Map<string, number>();
  private began = Number.NEGATIVE_INFINITY;

  constructor(private readonly perMinute: number) {}

  take(address: string, now: number): void {
    if (now - this.began >= WINDOW_MILLISECONDS || this.counts.size >= MOST_ADDRESSES) {
      this.counts = new Map();
      this.began = now;
    }
    const count = (this.counts.get(address) ?? 0) + 1;
    this.counts.set(address, count);
    if (count <= this.perMinute) return;
    const retryAfterSeconds = Math.ceil((this.began + WINDOW_MILLISECONDS - now) / 1000);
    throw new Refused('too_many_attempts', { details: { retry_after_seconds: retryAfterSeconds } });
  }
}
