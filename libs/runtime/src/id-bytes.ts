import { randomFillSync } from 'node:crypto';

const BYTES = 10;
const pool = new Uint8Array(BYTES * 400);
let used = pool.length;

/** The random part of an id, for where one is made on every request: asked for each alone, it costs ten times as much. */
export function idBytes(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  return pool.subarray(used - BYTES, used);
}
