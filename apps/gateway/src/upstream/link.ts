import { Pool } from 'undici';

/** So many connections that were not made, one after the other, and an origin is left alone for a moment. */
const FAILURES = 3;
const REST_MILLISECONDS = 1000;
const CONNECTIONS = 1024;

export interface Patience {
  readonly connectMs: number;
  readonly firstByteMs: number;
  /** Between two pieces of an answer. */
  readonly idleMs: number;
}

/** The way to one provider's origin: its connections, and how well they were made lately. */
export class Link {
  readonly pool: Pool;
  /** What stands before every path. */
  private readonly prefix: string;
  private failures = 0;
  private restsUntil = 0;

  constructor(origin: string, { connectMs, firstByteMs, idleMs }: Patience) {
    const url = new URL(origin);
    this.prefix = url.pathname.replace(/\/$/, '');
    this.pool = new Pool(url.origin, {
      connections: CONNECTIONS,
      pipelining: 1,
      // One answer for each connection: an abort then ends exactly one.
      allowH2: false,
      connect: { timeout: connectMs },
      headersTimeout: firstByteMs,
      bodyTimeout: idleMs,
    });
  }

  pathOf(path: string): string {
    return this.prefix + path;
  }

  /** Whether to try another first. */
  isResting(now: number): boolean {
    return now < this.restsUntil;
  }

  connected(): void {
    this.failures = 0;
    this.restsUntil = 0;
  }

  /** One more try after each rest: the first that fails again begins the next one. */
  notConnected(now: number): void {
    if (++this.failures >= FAILURES) this.restsUntil = now + REST_MILLISECONDS;
  }
}
