import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { KeysEvents } from '#contracts/keys';
import { connectBus } from '#rpc/connect';
import { EVENT_STREAM, EventPublisher } from '#rpc/events';
import { beat } from '#rpc/heartbeat';
import { createLog } from '#runtime/log';
import { testBus } from '../../../test/bus.js';
import { eventually } from '../../../test/stack.js';
import { startTcpProxy, type TcpProxy } from '../../../test/tcp-proxy.js';
import { KeyDirectory } from './key-directory.js';
import { type KeyWatch, type ListChanges, watchKeys } from './key-watch.js';

const LOG = createLog('gateway', 'fatal');
const ORGANIZATION = 'org_01JD3Q0YV6Z0C7M1W8K2R5T9XA';
const PROJECT = 'prj_01JD3Q0YV6Z0C7M1W8K2R5T9XA';
const KEY = 'key_01JD3Q0YV6Z0C7M1W8K2R5T9XA';

/** The keys service's side: what has changed, whom it told, and whether it can be asked. */
class Service {
  changes: Awaited<ReturnType<ListChanges>>['changes'] = [];
  head = 0;
  asked = 0;
  away = false;
  complete = true;

  constructor(private readonly bus: NatsConnection) {}

  readonly list: ListChanges = async ({ after }) => {
    this.asked++;
    if (this.away) throw new Error('away');
    const changes = this.changes.filter(({ revision }) => revision > (after ?? 0));
    return { head: this.head, changes, complete: this.complete };
  };

  change(key_id: string | null = KEY): number {
    this.head++;
    this.changes.push({ revision: this.head, project_id: PROJECT, key_id });
    return this.head;
  }

  async tell(revision: number): Promise<void> {
    const payload = {
      revision,
      change: 'disabled' as const,
      organization_id: ORGANIZATION,
      project_id: PROJECT,
      key_id: KEY,
      at: new Date().toISOString(),
    };
    await new EventPublisher(this.bus).publish(KeysEvents.keyChanged, payload, { revision });
  }

  beat(revision = this.head): void {
    beat(this.bus, { service: 'keys', revision, sent_at: Date.now() });
  }
}

let proxy: TcpProxy;
let teller: NatsConnection;
let bus: NatsConnection;
let service: Service;
let watch: KeyWatch;
let now: number;
let dropped: unknown[];

beforeEach(async () => {
  const { url } = testBus();
  proxy = await startTcpProxy(url);
  teller = await connectBus({ url, name: 'keys', log: LOG });
  // Revisions begin at 1 in every test; the stream would take them for copies of those before.
  const { streams } = await jetstreamManager(teller);
  await streams.delete(EVENT_STREAM).catch(() => undefined);
  bus = await connectBus({ url: proxy.through(url), name: 'gateway', log: LOG });
  service = new Service(teller);
  now = 1_800_000_000_000;
  dropped = [];
  const keys = new KeyDirectory(async () => ({ as_of: 0, key: null }), 100);
  keys.onDropped = (what) => dropped.push(what);
  watch = watchKeys(bus, service.list, keys, LOG, () => now);
});

afterEach(async () => {
  await watch.stop();
  await Promise.all([bus.close(), teller.close()]);
  await proxy.close();
});

const revision = async () => watch.revision;
const beating = async () => {
  service.beat();
  return watch.revision;
};

describe('changes of keys', () => {
  it('are applied as they are told', async () => {
    await watch.start();
    await service.tell(service.change());
    await eventually(revision, (seen) => seen === 1);
    expect(dropped).toEqual([{ keyId: KEY }]);
    expect(service.asked).toBe(1);
  });

  it('that were not told are found by the next heartbeat', async () => {
    await watch.start();
    service.change();
    await eventually(beating, (seen) => seen === 1, 900);
    expect(dropped).toEqual([{ keyId: KEY }]);
  });

  it('that were lost are found by the next one that is told', async () => {
    await watch.start();
    service.change('key_01JD3Q0YV6Z0C7M1W8K2R5T9XB');
    await service.tell(service.change());
    await eventually(revision, (seen) => seen === 2, 900);
    expect(dropped).toContainEqual({ keyId: 'key_01JD3Q0YV6Z0C7M1W8K2R5T9XB' });
  });

  it('of before the start count as well: a cache may hold what was true before them', async () => {
    service.change();
    service.change(null);
    await watch.start();
    expect(watch.revision).toBe(2);
    expect(dropped).toEqual([{ keyId: KEY }, { projectId: PROJECT }]);
  });

  it('that are too many to list drop everything', async () => {
    await watch.start();
    service.change();
    service.complete = false;
    await eventually(beating, (seen) => seen === 1);
    expect(dropped).toContain('all');
  });

  it('told twice or out of order move nothing back', async () => {
    await watch.start();
    service.change();
    const second = service.change();
    await service.tell(second);
    await eventually(revision, (seen) => seen === 2);
    await service.tell(1);
    await service.tell(service.change());
    await eventually(revision, (seen) => seen === 3);
    expect(dropped).toHaveLength(2);
  });

  it('begin anew where the keys come back from a backup', async () => {
    for (let i = 0; i < 5; i++) service.change();
    await watch.start();
    service.head = 2;
    service.changes = service.changes.slice(0, 2);
    await eventually(beating, (seen) => seen === 2);
    expect(dropped).toContain('all');
    // A heartbeat that was sent before and arrives after does no lasting harm.
    service.beat(5);
    service.beat();
    service.change();
    await eventually(beating, (seen) => seen === 3);
  });
});

describe('a link that is open and dead', () => {
  it('is replaced, and what was missed is applied, within two seconds', async () => {
    await watch.start();
    for (let round = 1; round <= 3; round++) {
      proxy.halfOpen();
      // Unsent bytes pile up until nothing more can be written: the hardest kind to close.
      if (round === 3) bus.publish('keyward.test.ballast', new Uint8Array(900_000));
      const started = performance.now();
      await service.tell(service.change());
      await eventually(revision, (seen) => seen === round, 2000);
      expect(performance.now() - started).toBeLessThan(2000);
    }
    expect(proxy.opened).toBeGreaterThanOrEqual(4);
  });
});

describe('cached keys', () => {
  const stale = async () => watch.isStale();

  it('are trusted while the bus answers, also with the keys service away', async () => {
    await watch.start();
    service.away = true;
    now += 60_000;
    await eventually(stale, (is) => !is);
  });

  it('are not trusted any more ten seconds after the last sign of life, and again once nothing can be missing', async () => {
    await watch.start();
    proxy.swallowAll();
    now += 9_999;
    expect(watch.isStale()).toBe(false);
    now += 2;
    expect(watch.isStale()).toBe(true);
    // The bus is back, but what was missed is not known yet.
    service.away = true;
    const missed = service.change();
    proxy.heal();
    await eventually(
      async () => bus.rtt().catch(() => null),
      (rtt) => rtt !== null,
    );
    await eventually(
      async () => service.asked,
      (asked) => asked > 2,
    );
    expect(watch.isStale()).toBe(true);
    service.away = false;
    await eventually(stale, (is) => !is);
    expect(watch.revision).toBe(missed);
    expect(dropped).toEqual([{ keyId: KEY }]);
  });

  it('are not trusted for longer because a clock was set back', async () => {
    await watch.start();
    proxy.swallowAll();
    now -= 3_600_000;
    expect(watch.isStale()).toBe(true);
  });
});
