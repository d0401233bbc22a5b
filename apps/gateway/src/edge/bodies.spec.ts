import { beforeEach, describe, expect, it } from '@jest/globals';
import { Bodies } from './bodies.js';
import type { Exchange } from './exchange.js';

const KB = 1024;
const SMALL = 64 * KB;

function exchange(declared?: number): Exchange {
  const headers = declared === undefined ? {} : { 'content-length': String(declared) };
  return { request: { headers }, heldBytes: 0 } as unknown as Exchange;
}

describe('the memory of all bodies', () => {
  let bodies: Bodies;
  beforeEach(() => {
    bodies = new Bodies({ bytesEach: 1024 * KB, bytesTotal: 1024 * KB, idleMs: 60_000 });
    bodies.take(exchange(768 * KB), 768 * KB);
  });

  it('has a quarter for small ones, whether they say how long they are or not', () => {
    bodies.take(exchange(SMALL), SMALL);
    bodies.take(exchange(), SMALL);
    expect(bodies.heldBytes).toBe(768 * KB + 2 * SMALL);
  });

  it('has nothing of that quarter for the first piece of what says that it is large', () => {
    expect(() => bodies.take(exchange(SMALL + 1), KB)).toThrow();
    expect(bodies.heldBytes).toBe(768 * KB);
  });

  it('has no more of it for a body that turns out to be large', () => {
    const growing = exchange();
    bodies.take(growing, SMALL);
    expect(() => bodies.take(growing, 1)).toThrow();
    bodies.release(growing);
    expect(bodies.heldBytes).toBe(768 * KB);
  });
});
