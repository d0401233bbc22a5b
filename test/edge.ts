import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeUpstream, startFakeUpstream } from './fake-upstream/fake-upstream.js';
import { type Stack, startStack } from './stack.js';

/** A stack whose models are served by providers of ours: two that speak as OpenAI and one that speaks as Anthropic. */
export interface EdgeStack {
  readonly stack: Stack;
  readonly url: string;
  readonly one: FakeUpstream;
  readonly two: FakeUpstream;
  readonly claude: FakeUpstream;
  /** Of a key without limits. */
  readonly key: string;
  ask(path: string, body: object | string | Buffer, more?: RequestInit): Promise<Response>;
  /** A good day at every provider, and nothing in their books. */
  reset(): void;
  stop(): Promise<void>;
}

const CREDENTIALS = { ONE_KEY: 'sk-one-of-ours', TWO_KEY: 'sk-two-of-ours', CLAUDE_KEY: 'sk-claude-of-ours' };

const price = 'price: { input: 1, output: 2 }';

const catalogueOf = (one: string, two: string, claude: string, nowhere: string) => `providers:
  one: { origin: '${one}', credential_env: ONE_KEY }
  two: { origin: '${two}', credential_env: TWO_KEY }
  claude: { dialect: anthropic, origin: '${claude}', credential_env: CLAUDE_KEY }
  nowhere: { origin: '${nowhere}' }
  keyless: { origin: '${two}/sub', credential_env: NOT_SET }
models:
  fake: [{ provider: one, ${price} }]
  org/renamed: [{ provider: one, upstream_model: other-name, ${price} }]
  also: { alias: fake }
  sonnet: [{ provider: claude, ${price} }]
  both: [{ provider: one, priority: 0, ${price} }, { provider: two, priority: 1, upstream_model: both-at-two, ${price} }]
  bilingual: [{ provider: one, ${price} }, { provider: claude, priority: 1, ${price} }]
  gone: [{ provider: nowhere, ${price} }]
  gone-first: [{ provider: nowhere, ${price} }, { provider: two, priority: 1, ${price} }]
  keyless: [{ provider: keyless, ${price} }]
  keyless-first: [{ provider: keyless, ${price} }, { provider: two, priority: 1, ${price} }]
`;

interface Options {
  readonly env?: NodeJS.ProcessEnv;
  /** Where the provider `nowhere` is said to be. */
  readonly nowhere?: string;
}

export async function startEdge({ env = {}, nowhere = 'http://127.0.0.1:9' }: Options = {}): Promise<EdgeStack> {
  const upstreams = await Promise.all([startFakeUpstream(), startFakeUpstream(), startFakeUpstream()]);
  const [one, two, claude] = upstreams as [FakeUpstream, FakeUpstream, FakeUpstream];
  const dir = await mkdtemp(join(tmpdir(), 'keyward-edge-'));
  const file = join(dir, 'catalogue.yaml');
  await writeFile(file, catalogueOf(one.url, two.url, claude.url, nowhere));
  const stack = await startStack({ env: { ...CREDENTIALS, KEYWARD_CATALOGUE_FILE: file, ...env } });
  const { key } = await stack.admin.createKey();
  return {
    stack,
    url: stack.url,
    one,
    two,
    claude,
    key,
    ask: (path, body, more = {}) =>
      fetch(stack.url + path, {
        method: 'POST',
        ...more,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more.headers },
        body: typeof body === 'string' ? body : Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
      }),
    reset: () => {
      for (const { control, record } of upstreams) {
        control.reset();
        record.clear();
      }
    },
    stop: async () => {
      await stack.stop();
      await Promise.all(upstreams.map((upstream) => upstream.stop()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}
