import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectBus } from '#rpc/connect';
import { type Beat, onBeat } from '#rpc/heartbeat';
import { type EdgeStack, startEdge } from '../edge.js';
import { chat, eventually } from '../stack.js';

let edge: EdgeStack;
let bus: NatsConnection;
beforeAll(async () => {
  edge = await startEdge();
  bus = await connectBus({ url: edge.stack.servers.nats, name: 'test' });
});
afterAll(async () => {
  await bus?.close();
  await edge?.stop();
});

/** What the gateway says of itself from here on. */
function beats(): { readonly heard: Beat[]; stop(): void } {
  const heard: Beat[] = [];
  return { heard, stop: onBeat(bus, 'gateway', (beat) => heard.push(beat)) };
}

describe('P3: one long stream does not keep the money of others', () => {
  it.each([
    ['that nothing limits', {}],
    ['with a budget, whose own till is renewed for as long as it lasts', { budget: '10' }],
  ])('a gateway has told of everything that has ended while a key %s is still being answered', async (_, limits) => {
    const { key: long } = await edge.stack.admin.createKey(limits);
    const { id, key: short } = await edge.stack.admin.createKey({ budget: '10' });
    edge.one.control.next({ chunks: 400, delayMs: 200 });
    const leaving = new AbortController();
    const stream = await chat(edge.url, long, { model: 'fake', max_tokens: 50, stream: true }, leaving.signal);
    expect(stream.status).toBe(200);
    expect((await chat(edge.url, short, { model: 'fake', max_tokens: 50 })).status).toBe(200);
    const used = async () => (await edge.stack.admin.call('GET', `/api/api-keys/${id}`)).json() as Promise<object>;
    await eventually(used, (view) => 'requests' in view && view.requests === 1, 20_000);
    const { heard, stop } = beats();
    await eventually(
      async () => heard.at(-1)?.unsettled_since,
      (since) => since === null,
      10_000,
    );
    stop();
    leaving.abort();
  });
});
