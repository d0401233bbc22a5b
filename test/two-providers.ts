import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { startFakeUpstream } from './fake-upstream/fake-upstream.js';
import { type Stack, startStack } from './stack.js';

/** Of the first provider alone, of the second alone, of both, and for nothing. */
export const TWO_PROVIDERS = ['cheap', 'dear', 'both', 'free'] as const;

/** A catalogue with two providers and a model of every kind that rules tell apart. */
export async function twoProviders() {
  const upstream = await startFakeUpstream();
  const dir = await mkdtemp(join(tmpdir(), 'keyward-two-providers-'));
  const file = join(dir, 'catalogue.yaml');
  await writeFile(join(dir, 'credential'), 'sk-from-a-file\n');
  const provider = `{ dialect: openai, origin: '${upstream.url}', credential_file: '${join(dir, 'credential')}' }`;
  await writeFile(
    file,
    `providers:
  one: ${provider}
  two: ${provider}
models:
  cheap: [{ provider: one, price: { input: '0.5', output: '1' } }]
  dear: [{ provider: two, price: { input: '10', output: '30' } }]
  both:
    - { provider: one, price: { input: '2', output: '4' } }
    - { provider: two, price: { input: '3', output: '6' } }
  free: [{ provider: one, free: true }]
  unpriced: [{ provider: one }]
  gpt-4:
    snapshots: [gpt-4-0613]
    routes: [{ provider: two, price: { input: '30', output: '60' } }]
  pinned: { alias: gpt-4-0613 }
  alias-of-both: { alias: both }
`,
  );
  return {
    env: { KEYWARD_CATALOGUE_FILE: file },
    stop: async () => {
      await upstream.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A house over them, for one file of stories. */
export function houseOfTwoProviders(): { readonly stack: Stack } {
  let stack: Stack | undefined;
  let providers: Awaited<ReturnType<typeof twoProviders>> | undefined;
  beforeAll(async () => {
    providers = await twoProviders();
    stack = await startStack({ env: providers.env });
  });
  afterAll(async () => {
    await stack?.stop();
    await providers?.stop();
  });
  return {
    get stack() {
      if (!stack) throw new Error('the house is not open yet');
      return stack;
    },
  };
}
