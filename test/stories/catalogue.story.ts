import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type FakeUpstream, startFakeUpstream } from '../fake-upstream/fake-upstream.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let upstream: FakeUpstream;
let dir: string;
let file: string;
let marks = 0;

const TOKENS = { input: 1_000_000, cachedInput: 0, cacheWrite: 0, output: 1_000_000, reasoning: 0 };

const providers = () => `providers:
  up: { origin: '${upstream.url}', credential_file: '${join(dir, 'credential')}', prices: openai, models: ['gpt-4o-mini'] }
models:
  dos-ai: { alias: gpt-4o-mini }
  house: [{ provider: up, upstream_model: house-v2 }]
  gift: [{ provider: up, free: true }]
`;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  dir = await mkdtemp(join(tmpdir(), 'keyward-catalogue-'));
  file = join(dir, 'catalogue.yaml');
  await writeFile(join(dir, 'credential'), 'sk-from-a-file\n');
  await writeFile(file, providers());
  stack = await startStack({ env: { KEYWARD_CATALOGUE_FILE: file } });
});
afterAll(async () => {
  await stack?.stop();
  await upstream?.stop();
  if (dir) await rm(dir, { recursive: true, force: true });
});
beforeEach(() => {
  upstream.control.always({ usage: TOKENS });
  upstream.record.clear();
});

async function listed(): Promise<string[]> {
  const { key } = await stack.admin.createKey();
  const reply = await fetch(`${stack.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  const { data } = (await reply.json()) as { data: { id: string }[] };
  return data.map(({ id }) => id);
}

/** Replaces the file as editors do it, and waits until a gateway knows: by an alias that was not there before. */
async function edit(more: string): Promise<void> {
  const mark = `mark-${++marks}`;
  await writeFile(`${file}.new`, `${providers()}  ${mark}: { alias: gift }\n${more}`);
  await rename(`${file}.new`, file);
  await eventually(listed, (names) => names.includes(mark));
}

/** One call with a key of its own, and what that key has spent in the end. */
async function spentOn(model: string): Promise<string> {
  const { id, key } = await stack.admin.createKey();
  const reply = await chat(stack.url, key, { model });
  expect(reply.status).toBe(200);
  await reply.text();
  const view = async () => (await (await stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as View;
  return (await eventually(view, ({ requests }) => requests === 1)).usage;
}

interface View {
  readonly usage: string;
  readonly requests: number;
}

const asked = () => upstream.record.requests.map(({ model, credential }) => [model, credential]);

describe('the catalogue', () => {
  it('knows what a known model costs, and sends the credential from a file', async () => {
    expect(await spentOn('gpt-4o-mini')).toBe('0.75');
    expect(asked()).toEqual([['gpt-4o-mini', 'sk-from-a-file']]);
  });

  it('serves an alias as what it stands for, and a snapshot as itself, at the price of the model', async () => {
    expect(await spentOn('dos-ai')).toBe('0.75');
    expect(await spentOn('gpt-4o-mini-2024-07-18')).toBe('0.75');
    expect(asked().map(([model]) => model)).toEqual(['gpt-4o-mini', 'gpt-4o-mini-2024-07-18']);
    expect(await listed()).toEqual(expect.arrayContaining(['gpt-4o-mini', 'dos-ai', 'house', 'gift']));
  });

  it('does not know what is not in it, and asks nobody for it', async () => {
    const { key } = await stack.admin.createKey();
    const reply = await chat(stack.url, key, { model: 'gpt-4o' });
    expect(reply.status).toBe(404);
    expect(await reply.json()).toMatchObject({ error: { code: 'model_not_found', param: 'model' } });
    expect(asked()).toEqual([]);
  });

  it('does not take what has no price for free: a key with a limit is refused it', async () => {
    const { key } = await stack.admin.createKey({ budget: '5.00' });
    const reply = await chat(stack.url, key, { model: 'house' });
    expect(reply.status).toBe(403);
    expect(await reply.json()).toMatchObject({ error: { code: 'model_unpriced' } });
    expect(asked()).toEqual([]);
    expect((await chat(stack.url, key, { model: 'gift' })).status).toBe(200);
    expect(await spentOn('house')).toBe('0.00');
  });

  it('is read again when its file changes, and the next request is charged at the new price', async () => {
    await edit('  gpt-4o-mini: [{ provider: up, price: { input: 2, output: 3.5 } }]\n');
    expect(await spentOn('gpt-4o-mini')).toBe('5.50');
    expect(await spentOn('dos-ai')).toBe('5.50');
  });

  it('charges the price of the moment, and the tier of the whole request', async () => {
    await edit(`  gpt-4o-mini:
    - provider: up
      prices:
        - { input: 1, output: 1 }
        - { from: 2020-01-01, input: 2, output: 2, tiers: [{ above: 999999, input: 4, output: 4 }] }
        - { from: 2999-01-01, input: 100, output: 100 }
`);
    expect(await spentOn('gpt-4o-mini')).toBe('8.00');
    upstream.control.always({ usage: { ...TOKENS, input: 999_999 } });
    expect(await spentOn('gpt-4o-mini')).toBe('3.999998');
  });

  it('stays what it was where the file has a mistake, until it has none', async () => {
    await edit('  gpt-4o-mini: [{ provider: up, price: { input: 1, output: 1 } }]\n');
    await writeFile(file, `${providers()}  gpt-4o-mini: [{ provider: nobody, price: { input: 9, output: 9 } }]\n`);
    process.emit('SIGHUP');
    expect(await spentOn('gpt-4o-mini')).toBe('2.00');
    await edit('  gpt-4o-mini: [{ provider: up, price: { input: 0.5, output: 0.5 } }]\n');
    expect(await spentOn('gpt-4o-mini')).toBe('1.00');
  });
});
