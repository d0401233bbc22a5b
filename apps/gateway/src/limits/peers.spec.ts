import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectBus } from '#rpc/connect';
import { beat } from '#rpc/heartbeat';
import { testBus } from '../../../../test/bus.js';
import { Peers } from './peers.js';

let bus: NatsConnection;
beforeAll(async () => {
  bus = await connectBus({ url: testBus().url, name: 'test' });
});
afterAll(async () => {
  await bus?.close();
});

let now: number;
let peers: Peers;
beforeEach(() => {
  now = 1_763_700_000_000;
  peers = new Peers(bus, 'me', () => now);
});
afterEach(() => peers.stop());

async function heard(...instances: string[]): Promise<void> {
  for (const instance of instances) beat(bus, { service: 'gateway', instance, revision: 1, sent_at: now });
  await bus.flush();
}

describe('among whom the rates are shared', () => {
  it('one that has said nothing for a while has no share any more', async () => {
    await heard('me', 'other', 'third');
    now += 2000;
    await heard('me', 'other');
    now += 1500;
    await heard('me');
    expect([...peers.all()].sort()).toEqual(['me', 'other']);
  });

  it('who hears nobody, not even itself, does not take the shares of all', async () => {
    await heard('me', 'other', 'third');
    now += 60_000;
    expect([...peers.all()].sort()).toEqual(['me', 'other', 'third']);
    await heard('me', 'other');
    expect([...peers.all()].sort()).toEqual(['me', 'other']);
  });
});
