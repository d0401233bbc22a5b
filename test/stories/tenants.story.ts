import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { BooksRpc } from '#contracts/books';
import { CreditsRpc } from '#contracts/credits';
import { ReportsRpc } from '#contracts/reports';
import { ReservationsRpc } from '#contracts/reservations';
import type { Rpc } from '#contracts/rpc';
import { UsageRpc } from '#contracts/usage';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { CONTRACT } from '../../apps/keys/src/contract.js';
import { CONTRACT as POLICY } from '../../apps/policy/src/contract.js';
import { Filler, type Kind, type Shape } from '../id-positions.js';
import { Routes } from '../routes.js';
import { type Stack, startStack } from '../stack.js';
import { newTenant, rowsOf, type Tenant } from '../tenant.js';

/**
 * Two tenants; the first one walks everything there is with the second one's ids in every place that takes an id. A new
 * route or call is walked without anybody adding it here; one whose ids are not understood fails.
 */
let stack: Stack;
let bus: NatsConnection;
let client: BusClient;
let ours: Tenant;
let theirs: Tenant;
let routes: Routes;

beforeAll(async () => {
  stack = await startStack();
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'platform' });
  ours = await newTenant(bus, client, 'Aurora');
  theirs = await newTenant(bus, client, 'Borealis');
  routes = new Routes(await (await fetch(`${stack.url}/docs/openapi.json`)).json());
});
afterAll(async () => {
  await bus?.close();
  await stack?.stop();
});

function idFor(tenant: Tenant, kind: Kind): string {
  const id = tenant.idOf.get(kind);
  if (!id) throw new Error(`no tenant of this walk has an id that begins with ${kind}_: make one in test/tenant.ts`);
  return id;
}

/** Our own ids, and theirs in one place. */
const swapped = (place: string) => (at: string, kind: Kind) => idFor(at === place ? theirs : ours, kind);

/** What a reply tells of the other tenant, beside what we asked for ourselves. */
const leaksIn = (text: string, asked: string) =>
  theirs.facts.filter((fact) => !asked.includes(fact) && text.includes(fact));

/** A filter by somebody else's id finds nothing; of many things at once, each is refused for itself. */
function isNothing(text: string): boolean {
  // An export: its first line, or the end of it.
  if (/^start,[a-z_,]+\r\n$/.test(text)) return true;
  const { data } = JSON.parse(text) as { data?: { ok?: boolean; error?: { code?: string } | null }[] };
  return Array.isArray(data) && data.every(({ ok, error }) => ok === false && error?.code === 'not_found');
}

async function send(method: string, url: string, body: unknown, credentials: Record<string, string>) {
  const reply = await fetch(stack.url + url, {
    method,
    headers: { ...credentials, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
    redirect: 'manual',
  });
  return { status: reply.status, text: await reply.text() };
}

async function ownersCookie(): Promise<Record<string, string>> {
  const reply = await fetch(`${stack.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ours.owner),
  });
  expect(reply.status).toBe(200);
  return { cookie: (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

const CREDENTIALS: [string, () => Promise<Record<string, string>>][] = [
  ['its owner', ownersCookie],
  ['its API key', async () => ({ authorization: `Bearer ${ours.secret}` })],
];

/** What all tenants share has names, and they are nobody’s secret. */
const SHARED = /^\/api\/(models|providers)\//;

describe('the walk', () => {
  it('knows every kind of id that any route takes, and what stands in every path', () => {
    const kinds = new Set(routes.all.flatMap((route) => [...routes.idsOf(route).values()]));
    expect([...kinds].filter((kind) => !theirs.idOf.has(kind))).toEqual([]);
    const strangers = routes.all.filter(({ path }) => !SHARED.test(path)).flatMap((route) => routes.strangersOf(route));
    expect(strangers).toEqual([]);
    expect(routes.all.filter((route) => routes.idsOf(route).size > 0).length).toBeGreaterThan(10);
  });

  it('would see a leak: the tenant itself gets what another must not', async () => {
    const reply = await fetch(`${stack.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(theirs.owner),
    });
    expect(leaksIn(await reply.text(), '')).not.toEqual([]);
    expect((await rowsOf(stack.servers.postgres, theirs)).size).toBeGreaterThan(7);
  });
});

describe.each(CREDENTIALS)('a tenant, as %s,', (_, credentials) => {
  it('P10: gets 404 for another’s id wherever a route takes one, learns nothing, and changes nothing', async () => {
    const sent = await credentials();
    const before = await rowsOf(stack.servers.postgres, theirs);
    const places = routes.all.flatMap((route) => [...routes.idsOf(route).keys()].map((place) => ({ route, place })));
    const wrong: unknown[] = [];
    for (const { route, place } of places) {
      const { url, body } = routes.request(route, place, swapped(place));
      const { status, text } = await send(route.method, url, body, sent);
      const own = status === 403 && routes.request(route, place, (_, kind) => idFor(ours, kind));
      const refused =
        status === 404 ||
        (status < 300 && !place.startsWith('path.') && isNothing(text)) ||
        // Not for these credentials at all: their own id is refused in the same words.
        (own && (await send(route.method, own.url, own.body, sent)).status === 403);
      const leaks = leaksIn(text, url + JSON.stringify(body));
      if (!refused || leaks.length) wrong.push({ route: `${route.method} ${route.path}`, place, status, leaks, text });
    }
    expect(wrong).toEqual([]);
    expect(await rowsOf(stack.servers.postgres, theirs)).toEqual(before);
  });

  it('finds nothing of another by any search or filter', async () => {
    const sent = await credentials();
    const words = [...theirs.facts, `member:${idFor(theirs, 'mem')}`, '%', '_'];
    const urls = routes.all
      .filter(({ method }) => method === 'GET')
      .flatMap((route) => {
        const { url } = routes.request(route, '', swapped(''));
        const search = (name: string, word: string) => `${url}?${new URLSearchParams({ [name]: word })}`;
        return [url, ...routes.searchesOf(route).flatMap((name) => words.map((word) => search(name, word)))];
      });
    const wrong: unknown[] = [];
    for (const url of urls) {
      const { text } = await send('GET', url, undefined, sent);
      const leaks = leaksIn(text, decodeURIComponent(url.replaceAll('+', ' ')));
      if (leaks.length) wrong.push({ url, leaks, text });
    }
    expect(wrong).toEqual([]);
  }, 90_000);
});

/** Calls in which an id is itself the proof: whoever names a session has it from its cookie, a reservation from having made it. */
const PROOFS = new Set([
  ...['getSession', 'signOut', 'changePassword'],
  ...['settleReservation', 'cancelReservation', 'extendReservation', 'getReservation'],
]);

/** Says which of one's own is marked as the current one: another's marks none. */
const MARKS = new Set(['listSessions request.current_session_id']);

describe('on the bus, a service that asks for one tenant', () => {
  const calls = Object.entries<Rpc>({
    ...CONTRACT,
    ...UsageRpc,
    ...ReportsRpc,
    ...CreditsRpc,
    ...BooksRpc,
    ...ReservationsRpc,
    ...POLICY,
  }).map(([name, definition]) => {
    const schema = z.toJSONSchema(definition.request, { io: 'input', unrepresentable: 'any' }) as Shape;
    const filler = Filler.of(schema);
    return { name, definition, schema, filler, ids: filler.positions(schema, 'request') };
  });

  it('names it in every call that takes an id', () => {
    const untenanted = calls.filter(
      ({ ids, name }) => ids.size > 0 && !ids.has('request.organization_id') && !PROOFS.has(name),
    );
    expect(untenanted.map(({ name }) => name)).toEqual([]);
  });

  it('gets not_found for the ids of another, and changes nothing', async () => {
    const before = await rowsOf(stack.servers.postgres, theirs);
    const wrong: unknown[] = [];
    for (const { name, definition, schema, filler, ids } of calls.filter(({ name }) => !PROOFS.has(name))) {
      for (const place of [...ids.keys()].filter(
        (place) => place !== 'request.organization_id' && !MARKS.has(`${name} ${place}`),
      )) {
        const wants = (at: string) => place === at || place.startsWith(`${at}.`) || place.startsWith(`${at}[`);
        const request = filler.fill(schema, 'request', swapped(place), wants);
        const text = await client.call(definition, request).then(
          (answer) => JSON.stringify(answer),
          (refused: { code: string }) => refused.code,
        );
        const leaks = leaksIn(text, JSON.stringify(request));
        if ((text !== 'not_found' && !isEmpty(text)) || leaks.length) wrong.push({ name, place, text, leaks });
      }
    }
    expect(wrong).toEqual([]);
    expect(await rowsOf(stack.servers.postgres, theirs)).toEqual(before);
  });

  it('is refused where it acts on behalf of a member of another', async () => {
    const before = await rowsOf(stack.servers.postgres, theirs);
    const actor = `member:${idFor(ours, 'mem')}`;
    for (const { name, definition, schema, filler, ids } of calls) {
      if (!ids.has('request.organization_id') || /^(get|list|verify)/.test(name)) continue;
      const request = filler.fill(
        schema,
        'request',
        (_, kind) => idFor(theirs, kind),
        () => false,
      );
      const refusal = await client.call(definition, request, { actor }).then(
        (answer) => ({ code: JSON.stringify(answer) }),
        (refused: { code: string }) => refused,
      );
      expect([name, refusal.code]).toEqual([name, 'forbidden']);
    }
    expect(await rowsOf(stack.servers.postgres, theirs)).toEqual(before);
  });
});

/** Lists with nothing in them, sums of nothing, and of many things at once each refused for itself. */
function isEmpty(text: string): boolean {
  if (!text.startsWith('{')) return false;
  const lists = Object.values(JSON.parse(text) as Record<string, unknown>).filter(Array.isArray);
  return (
    lists.length > 0 &&
    lists.every((list) => list.every((item) => item?.error?.code === 'not_found' || item?.requests === 0))
  );
}
