import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type EdgeStack, startEdge } from '../edge.js';
import type { Scenario } from '../fake-upstream/scenario.js';
import { eventually } from '../stack.js';

/** Promises TLS and hangs up before it: no connection is ever made. */
let nowhere: Server;
let knocks = 0;

let edge: EdgeStack;
let database: Client;
beforeAll(async () => {
  nowhere = createServer((socket) => {
    knocks++;
    socket.resetAndDestroy();
  });
  nowhere.listen(0, '127.0.0.1');
  await once(nowhere, 'listening');
  const { port } = nowhere.address() as AddressInfo;
  edge = await startEdge({ nowhere: `https://127.0.0.1:${port}`, env: { KEYWARD_UPSTREAM_FIRST_BYTE_MS: '1000' } });
  database = new Client({ connectionString: edge.stack.servers.postgres });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await edge?.stop();
  nowhere?.close();
});
beforeEach(() => {
  edge.reset();
  knocks = 0;
});

const ask = (model: string, fields: object = {}) =>
  edge.ask('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Count.' }], ...fields });

interface Row {
  readonly provider: string;
  readonly model: string;
  readonly served_model: string | null;
  readonly outcome: string;
  readonly status: number;
}

/** What the ledger has of a request, once it has it. */
async function rowsOf(reply: Response): Promise<readonly Row[]> {
  const { rows } = await eventually(
    () => database.query('SELECT * FROM usage.usage_event WHERE request_id = $1', [reply.headers.get('x-request-id')]),
    ({ rows }) => rows.length > 0,
  );
  return rows as Row[];
}

describe('a provider that does not serve now', () => {
  it.each([429, 500, 502, 503, 504, 529, 401, 403, 402])('answering %d gives way to the next', async (status) => {
    edge.one.control.always({ status });
    const reply = await ask('both');
    expect(reply.status).toBe(200);
    expect(((await reply.json()) as { model: string }).model).toBe('both-at-two');
    expect(edge.one.record.requests).toHaveLength(1);
    expect(edge.two.record.requests[0]?.credential).toBe('sk-two-of-ours');
    // One row, of the one that served it; what the other one answered costs nothing.
    expect(await rowsOf(reply)).toMatchObject([{ provider: 'two', model: 'both', outcome: 'ok', status: 200 }]);
  });

  it('streams from the next as if it had been the first', async () => {
    edge.one.control.always({ status: 503 });
    const text = await (await ask('both', { stream: true })).text();
    expect(text).toContain('[DONE]');
    expect(edge.two.record.requests[0]?.outcome).toBe('completed');
  });

  it('that cannot be connected to gives way as well', async () => {
    const reply = await ask('gone-first');
    expect(reply.status).toBe(200);
    expect(await rowsOf(reply)).toMatchObject([{ provider: 'two' }]);
    expect(knocks).toBe(1);
  });

  it('that could not be connected to three times is left alone for a second, and then tried again', async () => {
    for (let i = 0; i < 5; i++) expect((await ask('gone-first')).status).toBe(200);
    expect(knocks).toBeLessThan(5);
    const before = knocks;
    await eventually(
      () => ask('gone-first'),
      () => knocks > before,
    );
  });

  it('that wants a credential we do not have gives way as well', async () => {
    expect((await ask('keyless-first')).status).toBe(200);
    const reply = await ask('keyless');
    expect(reply.status).toBe(503);
    expect(await reply.json()).toMatchObject({ error: { code: 'service_unavailable' } });
  });
});

describe('a request', () => {
  it.each([
    ['400', { status: 400 }],
    ['404', { status: 404 }],
    ['422', { status: 422 }],
  ])('that the provider finds wrong (%s) is not asked of another, and its words pass', async (status, scenario) => {
    edge.one.control.always(scenario);
    const reply = await ask('both');
    expect(reply.status).toBe(Number(status));
    expect(JSON.stringify(await reply.json())).toContain('The fake upstream was told to answer');
    expect(edge.two.record.requests).toEqual([]);
  });

  it.each<[string, Scenario]>([
    ['is taken and then dropped', { fault: 'cut-before-headers' }],
    ['is answered with half a body', { fault: 'cut-mid-body' }],
    ['is taken and never answered', { fault: 'hang' }],
  ])('that %s may have been served: it is never sent again', async (_, scenario) => {
    edge.one.control.always(scenario);
    const reply = await ask('both').catch(() => null);
    await reply?.text().catch(() => '');
    await edge.one.record.waitForEnd(1);
    expect(edge.one.record.requests).toHaveLength(1);
    expect(edge.two.record.requests).toEqual([]);
    if (reply && reply.status !== 200) expect([502, 504]).toContain(reply.status);
  });

  it('is settled once, also where everybody fails', async () => {
    edge.one.control.always({ status: 500 });
    edge.two.control.always({ status: 503, headers: { 'retry-after': '7' } });
    const reply = await ask('both');
    expect(reply.status).toBe(502);
    expect(reply.headers.get('retry-after')).toBe('7');
    expect(await reply.json()).toMatchObject({ error: { code: 'upstream_error', details: { provider_status: 503 } } });
    expect(await rowsOf(reply)).toMatchObject([{ provider: 'two', outcome: 'provider_error', status: 502 }]);
  });
});

describe('without another', () => {
  it.each([401, 402, 403])('our trouble with the provider (%d) is not the client’s', async (status) => {
    edge.one.control.always({ status });
    const reply = await ask('fake');
    expect(reply.status).toBe(502);
    const text = await reply.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'upstream_error', type: 'api_error' } });
    expect(text).not.toContain(String(status));
  });

  it('the provider’s 429 passes, with its words and its wait', async () => {
    edge.one.control.always({ status: 429, headers: { 'retry-after': '3', 'retry-after-ms': '2900' } });
    const reply = await ask('fake');
    expect(reply.status).toBe(429);
    expect(reply.headers.get('retry-after')).toBe('3');
    expect(reply.headers.get('retry-after-ms')).toBe('2900');
    expect(await reply.json()).toMatchObject({ error: { code: 'rate_limit_exceeded', type: 'requests' } });
  });

  it.each<[string, Scenario]>([
    ['sends us elsewhere', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['packs what it says', { headers: { 'content-encoding': 'gzip' }, body: 'no matter' }],
  ])('a provider that %s has failed', async (_, scenario) => {
    edge.one.control.always(scenario);
    const reply = await ask('fake');
    expect(reply.status).toBe(502);
    expect(reply.headers.get('location')).toBeNull();
  });

  it('a connection that is not made is tried a second time, and then it is a 502', async () => {
    const reply = await ask('gone');
    expect(reply.status).toBe(502);
    expect(await reply.json()).toMatchObject({ error: { code: 'upstream_error' } });
    expect(await rowsOf(reply)).toMatchObject([{ provider: 'nowhere', outcome: 'failed', status: 502 }]);
    expect(knocks).toBe(2);
  });

  it('a provider that does not answer in time is a 504, and is let go', async () => {
    edge.one.control.always({ fault: 'hang' });
    const reply = await ask('fake');
    expect(reply.status).toBe(504);
    expect(await reply.json()).toMatchObject({ error: { code: 'upstream_timeout' } });
    await edge.one.record.waitForEnd(1);
    expect(edge.one.record.requests[0]?.outcome).toBe('aborted');
  });
});
