import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { UsableKey } from '#contracts/keys';
import { Bodies } from './bodies.js';
import { Edge } from './edge.js';
import { LiveCalls } from './live-calls.js';
import { Traffic } from './traffic.js';

type Parts = ConstructorParameters<typeof Edge>[0];

const KEY = { key_id: 'key_1', scopes: ['read'], valid_until: null, expires_at: null, disabled: false } as never;

/** The edge with a key that takes its time to be found; nothing behind it is ever reached. */
let found: PromiseWithResolvers<UsableKey>;
let asked: PromiseWithResolvers<void>;
let live: LiveCalls;
let entered = 0;
let edge: Edge;
let http: Server;
beforeEach(async () => {
  found = Promise.withResolvers();
  asked = Promise.withResolvers();
  entered = 0;
  const directory = { peek: () => undefined, find: () => found.promise };
  live = new LiveCalls(directory as never);
  const enter = live.enter.bind(live);
  live.enter = (call) => {
    entered++;
    enter(call);
  };
  const door = {
    peek: () => undefined,
    secrets: { profileOf: () => undefined },
    find: () => {
      asked.resolve();
      return found.promise;
    },
  };
  const bodies = new Bodies({ bytesEach: 1000, bytesTotal: 10_000, idleMs: 60_000 });
  const profiles = { get: () => undefined };
  const traffic = new Traffic(new Registry());
  edge = new Edge({ door, live, bodies, profiles, traffic } as unknown as Parts);
  http = createServer((request, response) => edge.serve(request, response));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
});
afterEach(() => {
  live.stop();
  http.close();
});

describe('a client that leaves while its key is looked up', () => {
  it('is forgotten: nothing of its request begins when the key is there', async () => {
    const leaving = new AbortController();
    const { port } = http.address() as AddressInfo;
    const reply = fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer kw_any' },
      body: '{"model":"m"}',
      signal: leaving.signal,
    });
    await asked.promise;
    leaving.abort();
    await expect(reply).rejects.toThrow();
    await edge.drained();
    found.resolve(KEY);
    await found.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toBe(0);
  });
});
