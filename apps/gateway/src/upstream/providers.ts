import { Pool } from 'undici';
import type { Provider } from '#contracts/policy';

const CONNECT_MILLISECONDS = 3000;
const FIRST_BYTE_MILLISECONDS = 60_000;
const IDLE_MILLISECONDS = 60_000;

/** The providers’ connections: one pool for each origin. */
export class Providers {
  private readonly pools = new Map<string, Pool>();

  poolOf({ origin }: Provider): Pool {
    const known = this.pools.get(origin);
    if (known) return known;
    const pool = new Pool(new URL(origin).origin, {
      connections: 256,
      pipelining: 1,
      connect: { timeout: CONNECT_MILLISECONDS },
      headersTimeout: FIRST_BYTE_MILLISECONDS,
      bodyTimeout: IDLE_MILLISECONDS,
    });
    this.pools.set(origin, pool);
    return pool;
  }

  pathOf({ origin }: Provider, path: string): string {
    return new URL(origin).pathname.replace(/\/$/, '') + path;
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
  }
}
