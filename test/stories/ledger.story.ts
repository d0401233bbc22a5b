import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import fc from 'fast-check';
import { Client } from 'pg';
import { ReportsRpc } from '#contracts/reports';
import type { Asks } from '#contracts/rpc';
import type { UsageEvent } from '#contracts/usage';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { publishUsage } from '#rpc/usage-stream';
import { start as startUsage } from '../../apps/usage/src/main.js';
import { emptyServers, eventually } from '../stack.js';
import { anId, usageEvent } from '../usage-events.js';

type Report = Asks<typeof ReportsRpc.getReport>;
type App = Awaited<ReturnType<typeof startUsage>>;

let apps: App[];
let bus: NatsConnection;
let client: BusClient;
let db: Client;
beforeAll(async () => {
  const servers = await emptyServers();
  const env = {
    KEYWARD_POSTGRES_URL: servers.postgres,
    KEYWARD_NATS_URL: servers.nats,
    KEYWARD_REDIS_URL: servers.redis,
    KEYWARD_LOG_LEVEL: 'fatal',
  };
  // Three that share the work, and meet in every row.
  apps = await Promise.all([startUsage(env), startUsage(env), startUsage(env)]);
  bus = await connectBus({ url: servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'test' });
  db = new Client({ connectionString: servers.postgres, options: '-c search_path=usage' });
  await db.connect();
});
afterAll(async () => {
  await db?.end();
  await bus?.close();
  await Promise.all((apps ?? []).map((app) => app.stop()));
});

const tell = (events: readonly UsageEvent[], id: string = randomUUID()) =>
  publishUsage(bus, id, { events: [...events] });
const written = (ids: string[]) =>
  client.call(ReportsRpc.confirmBatches, { ids }).then(
    (reply) => reply.written,
    // Busy: asked again.
    () => [],
  );
const all = (ids: readonly string[]) =>
  eventually(
    () => written([...ids]),
    (there) => there.length === ids.length,
    20_000,
  );
async function told(events: readonly UsageEvent[]): Promise<void> {
  const id = randomUUID();
  await tell(events, id);
  await all([id]);
}

const range = (at = Date.now()) => ({
  start: new Date(at - 3_600_000).toISOString(),
  end: new Date(at + 3_600_000).toISOString(),
});
const report = (asked: Partial<Report> & { organization_id: string }) =>
  client.call(ReportsRpc.getReport, { ...range(), bucket: '1h', ...asked });

async function sums(organization_id: string, more: Partial<Report> = {}) {
  const { rows } = await report({ organization_id, ...more });
  const sum = (name: 'requests' | 'denied' | 'errors' | 'input_tokens' | 'output_tokens') =>
    rows.reduce((total, row) => total + row[name], 0);
  return { requests: sum('requests'), denied: sum('denied'), errors: sum('errors'), input: sum('input_tokens') };
}

const rowsOf = async (request_id: string) =>
  (
    await db.query('SELECT kind, outcome, cost_nanos FROM usage_event WHERE request_id = $1 ORDER BY kind', [
      request_id,
    ])
  ).rows;

describe('a request', () => {
  it('is charged once, however often, by whom and in which batch it is told', async () => {
    const organization_id = anId('organization');
    const events = Array.from({ length: 300 }, () => usageEvent({ organization_id }));
    const batches = Array.from({ length: 40 }, (_, index) => ({
      id: randomUUID(),
      events: fc.sample(fc.shuffledSubarray(events, { minLength: 50 }), { numRuns: 1, seed: index })[0] ?? [],
    }));
    batches.push({ id: randomUUID(), events });
    await Promise.all(batches.map(({ id, events }) => tell(events, id)));
    await all(batches.map(({ id }) => id));
    for (const bucket of ['1m', '1h', '1d'] as const)
      expect(await sums(organization_id, { bucket })).toMatchObject({ requests: 300, input: 30_000 });
    const { rows } = await db.query('SELECT count(*)::int AS n FROM usage_event WHERE organization_id = $1', [
      organization_id,
    ]);
    expect(rows[0].n).toBe(300);
  });

  it('that was charged as abandoned and ended after all has a correction, and the two add up to the truth', async () => {
    const organization_id = anId('organization');
    const final = usageEvent({ organization_id, cost_nanos: '250000000', output_tokens: 7 });
    const abandoned = { ...final, outcome: 'abandoned' as const, status: 0, cost_nanos: '900000000', output_tokens: 0 };
    await told([abandoned]);
    expect(await sums(organization_id)).toMatchObject({ requests: 1, errors: 1 });
    await told([final]);
    await told([final, abandoned]);
    expect(await rowsOf(final.request_id)).toEqual([
      { kind: 'correction', outcome: 'ok', cost_nanos: '-650000000' },
      { kind: 'final', outcome: 'abandoned', cost_nanos: '900000000' },
    ]);
    const { rows } = await report({ organization_id });
    expect(rows).toMatchObject([{ requests: 1, errors: 0, output_tokens: 7, cost: '0.25' }]);
    const asked = { organization_id, request_id: final.request_id };
    expect(await client.call(ReportsRpc.getRequest, asked)).toMatchObject({
      ...{ outcome: 'ok', cost: '0.25', output_tokens: 7, corrected: true },
    });
  });

  it('that has ended is not touched by somebody who thinks that it was abandoned', async () => {
    const organization_id = anId('organization');
    const final = usageEvent({ organization_id });
    await told([final]);
    await told([{ ...final, outcome: 'abandoned', cost_nanos: '5' }]);
    expect(await rowsOf(final.request_id)).toEqual([{ kind: 'final', outcome: 'ok', cost_nanos: '1000000' }]);
  });

  it('of two tellers in the same breath counts as what really happened', async () => {
    const final = usageEvent();
    await told([{ ...final, outcome: 'abandoned', cost_nanos: '5' }, final]);
    expect(await rowsOf(final.request_id)).toEqual([{ kind: 'final', outcome: 'ok', cost_nanos: '1000000' }]);
  });

  it('is put aside where it cannot be written, and nothing else waits for it', async () => {
    const organization_id = anId('organization');
    const good = Array.from({ length: 20 }, () => usageEvent({ organization_id, model: 'a \0 and half of \ud83d' }));
    const late = usageEvent({ organization_id, request_id: anId('request', Date.UTC(2020, 0, 1)) });
    const huge = usageEvent({ organization_id, duration_ms: 3e9 });
    await told([...good, late, huge, { ...huge, request_id: anId('request') }]);
    await told([usageEvent({ organization_id })]);
    expect((await sums(organization_id)).requests).toBe(21);
    const { rows } = await db.query('SELECT event FROM usage_aside');
    expect(rows.map(({ event }) => JSON.parse(event).request_id)).toEqual(
      expect.arrayContaining([late.request_id, huge.request_id]),
    );
  });
});

describe('totals', () => {
  it('are what the rows come to, by whatever they are told apart', async () => {
    const organization_id = anId('organization');
    const keys = [anId('key'), anId('key')] as const;
    const project_id = anId('project');
    const made = fc.record({
      key_id: fc.constantFrom(...keys),
      served_model: fc.constantFrom('a', 'b', 'b c'),
      provider: fc.constantFrom('x', 'c x'),
      own_key: fc.boolean(),
      outcome: fc.constantFrom('ok' as const, 'failed' as const, 'aborted' as const),
      cost_nanos: fc.nat(1e9).map(String),
      input_tokens: fc.nat(1000),
    });
    const events: UsageEvent[] = [];
    const property = fc.asyncProperty(fc.array(made, { minLength: 1, maxLength: 60 }), async (fields) => {
      const news = fields.map((each) => usageEvent({ organization_id, project_id, ...each }));
      await told(news);
      events.push(...news);
      for (const group of ['key', 'model', 'provider', 'own_key'] as const) {
        const { rows } = await report({ organization_id, group_by: [group], bucket: '1d', ...days() });
        const name = ({ key: 'key_id', model: 'served_model', provider: 'provider', own_key: 'own_key' } as const)[
          group
        ];
        for (const value of new Set(events.map((event) => event[name]))) {
          const its = events.filter((event) => event[name] === value);
          const row = rows.filter((each) => each.group[group] === value);
          expect(row.reduce((sum, each) => sum + each.requests, 0)).toBe(its.length);
          expect(row.reduce((sum, each) => sum + each.errors, 0)).toBe(
            its.filter(({ outcome }) => outcome === 'failed').length,
          );
          const nanos = row.reduce((sum, each) => sum + Math.round(Number(each.cost) * 1e9), 0);
          expect(nanos).toBe(its.reduce((sum, each) => sum + Number(each.cost_nanos), 0));
        }
      }
    });
    await fc.assert(property, { numRuns: 8, endOnFailure: true });
  });

  it('are handed out in pages that miss nothing and repeat nothing', async () => {
    const organization_id = anId('organization');
    await told(
      Array.from({ length: 90 }, (_, index) => usageEvent({ organization_id, served_model: `m${index % 30}` })),
    );
    const asked = { organization_id, group_by: ['key', 'model'] as ['key', 'model'], limit: 7 };
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await report({ ...asked, cursor });
      seen.push(...page.rows.map(({ group }) => `${group.key} ${group.model}`));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toHaveLength(90);
    expect(new Set(seen).size).toBe(90);
  });

  it('count denials apart, those that are only counted as well, each batch of them once', async () => {
    const organization_id = anId('organization');
    const denied = usageEvent({
      ...{ organization_id, kind: 'denied', outcome: 'denied', status: 403, code: 'model_not_allowed' },
      ...{ served_model: null, provider: null, model: 'gpt-9', cost_nanos: '0', input_tokens: 0, output_tokens: 0 },
      trace: { decision: 'deny', steps: [{ step: 'rules', result: 'fail' }] },
    });
    const { project_id, key_id } = denied;
    const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString();
    const denials = [{ organization_id, project_id, key_id, currency: 'USD', at: minute, count: 5000 }];
    const id = randomUUID();
    await publishUsage(bus, id, { events: [denied], denials });
    await all([id]);
    await told([denied]);
    expect(await sums(organization_id)).toMatchObject({ requests: 0, denied: 5001, errors: 0 });
    const found = await client.call(ReportsRpc.getRequest, { organization_id, request_id: denied.request_id });
    expect(found).toMatchObject({ code: 'model_not_allowed', outcome: 'denied', decision: denied.trace });
  });
});

describe('the log', () => {
  it('is walked from the newest back, through every page, by any filter', async () => {
    const organization_id = anId('organization');
    const base = Date.now() - 60_000;
    const events = Array.from({ length: 120 }, (_, index) =>
      usageEvent({
        organization_id,
        // Some in the same millisecond.
        request_id: anId('request', base + Math.floor(index / 3)),
        ...(index % 10 === 0 ? { outcome: 'failed' as const, code: 'upstream_error', status: 502 } : {}),
        model: index % 2 ? 'odd' : 'even',
      }),
    );
    await told(events);
    const walk = async (filter: Partial<Asks<typeof ReportsRpc.listRequests>>) => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.call(ReportsRpc.listRequests, { organization_id, limit: 7, cursor, ...filter });
        ids.push(...page.requests.map(({ id }) => id));
        cursor = page.next_cursor ?? undefined;
      } while (cursor);
      return ids;
    };
    const newestFirst = (some: readonly UsageEvent[]) =>
      some
        .map((event) => event.request_id)
        .sort()
        .reverse();
    expect(await walk({})).toEqual(newestFirst(events));
    expect(await walk({ outcome: 'failed' })).toEqual(
      newestFirst(events.filter(({ outcome }) => outcome === 'failed')),
    );
    expect(await walk({ model: 'odd' })).toEqual(newestFirst(events.filter(({ model }) => model === 'odd')));
    expect(await walk({ code: 'upstream_error', status: 502 })).toHaveLength(12);
    expect(await walk({ organization_id: anId('organization') })).toEqual([]);
    const key_id = events[5]?.key_id;
    expect(await walk({ key_id })).toEqual([events[5]?.request_id]);
  });
});

function days() {
  return {
    start: new Date(Date.now() - 86_400_000).toISOString(),
    end: new Date(Date.now() + 86_400_000).toISOString(),
  };
}
