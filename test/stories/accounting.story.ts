import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { parseMoney } from '#domain/money';
import { MODELS, type Model, type PlannedCall, planCalls } from '../accounting/calls.js';
import { type FakeUpstream, startFakeUpstream } from '../fake-upstream/fake-upstream.js';
import type { Received } from '../fake-upstream/received.js';
import { eventually, type Stack, startStack } from '../stack.js';

const CALLS = 300;
const AT_ONCE = 8;
/** Some answers come byte by byte, a turn of the loop for each: seconds on an idle machine, and many of them on a busy one. */
const LATE_MILLISECONDS = 60_000;
const seed = Date.now() % 1_000_000;

let stack: Stack;
let upstream: FakeUpstream;
let ledger: Client;
let dir: string;
let keys: readonly { id: string; key: string }[];
/** By its name, which is its model's alias here: one for each call, so that nothing else has to tell them apart. */
const planned = new Map<string, PlannedCall>(
  planCalls(CALLS, seed).map((call, at) => [`call-${at}-${call.model}`, call]),
);
/** What the ledger has, by the same names. */
const written = new Map<string, Row>();
const late: string[] = [];

function catalogue(): string {
  const provider = (dialect: string) => `{ dialect: ${dialect}, origin: '${upstream.url}' }`;
  const perMillion = (nanos: bigint) => Number(nanos) / 1000;
  const models = Object.entries(MODELS).map(([id, { dialect, rates }]) => {
    const { input, cachedInput, cacheWrite, output } = rates;
    const price = `{ input: ${perMillion(input)}, cached_input: ${perMillion(cachedInput)}, cache_write: ${perMillion(cacheWrite)}, output: ${perMillion(output)} }`;
    return `  ${id}: [{ provider: ${dialect}, price: ${price} }]`;
  });
  const aliases = [...planned].map(([name, { model }]) => `  ${name}: { alias: ${model} }`);
  const providers = `providers:\n  openai: ${provider('openai')}\n  anthropic: ${provider('anthropic')}`;
  return [providers, 'models:', ...models, ...aliases, ''].join('\n');
}

/** Clients name themselves in fields that pass through as they are. */
function nameIn({ json }: Received): string {
  return String(json?.user ?? (json?.metadata as { user_id?: unknown } | undefined)?.user_id);
}

beforeAll(async () => {
  upstream = await startFakeUpstream();
  upstream.control.always((request) => planned.get(nameIn(request))?.scenario ?? {});
  dir = await mkdtemp(join(tmpdir(), 'keyward-accounting-'));
  await writeFile(join(dir, 'catalogue.yaml'), catalogue());
  stack = await startStack({ env: { KEYWARD_CATALOGUE_FILE: join(dir, 'catalogue.yaml') } });
  ledger = new Client({ connectionString: stack.servers.postgres });
  await ledger.connect();
  keys = await Promise.all([1, 2, 3].map(() => stack.admin.createKey()));
  await runAll();
  for (const row of await rows()) written.set(row.model, row);
}, 240_000);

afterAll(async () => {
  await ledger?.end();
  await stack?.stop();
  await upstream?.stop();
  if (dir) await rm(dir, { recursive: true, force: true });
});

async function runAll(): Promise<void> {
  const waiting = [...planned];
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await run(...next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await upstream.record.waitForEnd(CALLS, LATE_MILLISECONDS);
  await eventually(
    async () => (await rows()).length,
    (count) => count >= CALLS,
    LATE_MILLISECONDS,
  );
}

async function run(name: string, { door, body, leaves }: PlannedCall): Promise<void> {
  const leaving = new AbortController();
  const isMessages = door === '/v1/messages';
  const answer = fetch(stack.url + door, {
    method: 'POST',
    signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(LATE_MILLISECONDS)]),
    headers: { authorization: `Bearer ${keyFor(name)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: name, ...body, ...(isMessages ? { metadata: { user_id: name } } : { user: name }) }),
  });
  const over = answer
    .then((reply) => read(reply, leaves === 'reading'))
    .catch((error: Error) => {
      // Some are cut, on purpose, by their provider or by their client. But all of them end.
      if (error.name === 'TimeoutError') late.push(name);
    });
  if (leaves === 'waiting')
    await eventually(
      async () => upstream.record.requests.some((request) => nameIn(request) === name),
      (isThere) => isThere,
    );
  else await over;
  leaving.abort();
  await over;
}

async function read(reply: Response, onlyTheBeginning: boolean): Promise<void> {
  if (onlyTheBeginning) await reply.body?.getReader().read();
  else await reply.arrayBuffer();
}

function keyFor(name: string): string {
  return keys[Number(name.split('-')[1]) % keys.length]?.key ?? '';
}

interface Row {
  readonly request_id: string;
  readonly key_id: string;
  readonly model: string;
  readonly outcome: string;
  readonly estimated: boolean;
  readonly reasoning: number;
  readonly told: Truth;
}

async function rows(): Promise<Row[]> {
  const { rows } = await ledger.query(
    `SELECT request_id, key_id, model, outcome, estimated, reasoning_tokens::int AS reasoning, cost_nanos::text AS cost,
       input_tokens::int AS input, cached_input_tokens::int AS cached, cache_write_tokens::int AS written,
       output_tokens::int AS output
     FROM usage.usage_event WHERE kind = 'final'`,
  );
  return rows.map(({ input, cached, written, output, cost, ...row }) => ({
    ...row,
    told: { input, cached, written, output, cost: BigInt(cost) },
  }));
}

const rowOf = (name: string) => written.get(name) as Row;
const modelOf = (name: string) => planned.get(name)?.model as Model;

/** What the provider says it bills, and what that comes to. */
function truth(request: Received) {
  const { input, cachedInput, cacheWrite, output } = request.billed;
  const { rates } = MODELS[modelOf(nameIn(request))];
  const isBilled = input + output > 0;
  const hour =
    isBilled && rates === MODELS.poet.rates ? (planned.get(nameIn(request))?.scenario.usage?.cacheWriteHour ?? 0) : 0;
  const cost =
    BigInt(input - cachedInput - cacheWrite) * rates.input +
    BigInt(cachedInput) * rates.cachedInput +
    BigInt(cacheWrite - hour) * rates.cacheWrite +
    BigInt(hour) * 2n * rates.input +
    BigInt(output) * rates.output;
  return { input, cached: cachedInput, written: cacheWrite, output, cost };
}

type Truth = ReturnType<typeof truth>;

const NONE: Truth = { input: 0, cached: 0, written: 0, output: 0, cost: 0n };

function sum(parts: readonly Truth[]): Truth {
  return parts.reduce(
    (total, part) => ({
      input: total.input + part.input,
      cached: total.cached + part.cached,
      written: total.written + part.written,
      output: total.output + part.output,
      cost: total.cost + part.cost,
    }),
    NONE,
  );
}

describe(`after ${CALLS} calls of all kinds (seed ${seed})`, () => {
  it('each that was forwarded has exactly one row in the ledger, and no other has one', async () => {
    expect(late).toEqual([]);
    const forwarded = upstream.record.requests.map(nameIn).sort();
    expect(new Set(forwarded).size).toBe(forwarded.length);
    const all = await rows();
    expect(all.map(({ model }) => model).sort()).toEqual(forwarded);
    expect(new Set(all.map(({ request_id }) => request_id)).size).toBe(all.length);
  });

  it('the ledger equals the provider’s own books in all that is not estimated: call by call', () => {
    for (const request of upstream.record.requests) {
      const row = rowOf(nameIn(request));
      const way = planned.get(row.model)?.name;
      if (!row.estimated)
        expect({ ...row.told, way, name: row.model }).toEqual({ ...truth(request), way, name: row.model });
    }
  });

  it.each(Object.keys(MODELS) as Model[])('and so do its sums: of the model %s', (model) => {
    const exact = upstream.record.requests.filter(
      (request) => modelOf(nameIn(request)) === model && !rowOf(nameIn(request)).estimated,
    );
    expect(exact.length).toBeGreaterThan(10);
    expect(sum(exact.map((request) => rowOf(nameIn(request)).told))).toEqual(sum(exact.map(truth)));
  });

  it('what was thought is told apart', () => {
    const exact = [...planned].filter(([name, { door }]) => door !== '/v1/messages' && !rowOf(name).estimated);
    for (const [name, { scenario }] of exact) {
      const { told, reasoning } = rowOf(name);
      expect(reasoning).toBe(told.output > 0 ? (scenario.usage?.reasoning ?? 0) : 0);
    }
  });

  it('estimated is what the provider did not say to the end, and nothing else', () => {
    const estimated = [...planned].filter(([name]) => rowOf(name).estimated).map(([, { name }]) => name);
    expect(new Set(estimated).size).toBeGreaterThan(3);
    const said = ['a good day', 'an explicit zero', 'cut before it began', 'a 400', 'a 404', 'a 429', 'a 500', 'a 503'];
    expect(estimated.filter((name) => said.includes(name))).toEqual([]);
    const left = [...planned].filter(([, { leaves }]) => leaves !== undefined);
    expect(left.every(([name]) => rowOf(name).estimated)).toBe(true);
  });

  it('whoever leaves early pays for the prompt, and for no more than what came', () => {
    const left = upstream.record.requests.filter((request) => planned.get(nameIn(request))?.leaves !== undefined);
    expect(left.length).toBeGreaterThan(5);
    for (const request of left) {
      const { outcome, told } = rowOf(nameIn(request));
      expect(outcome).toBe('aborted');
      expect(told.input).toBeGreaterThan(0);
      expect(told.cost).toBeGreaterThan(0n);
    }
  });

  it('each key has spent what its rows come to', async () => {
    for (const { id } of keys) {
      const own = [...written.values()].filter(({ key_id }) => key_id === id);
      const view = (await (await stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as Record<string, unknown>;
      expect(view.requests).toBe(own.length);
      expect(parseMoney(String(view.usage))).toBe(own.reduce((total, { told }) => total + told.cost, 0n));
    }
  });
});
