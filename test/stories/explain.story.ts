import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { UsableKey } from '#contracts/keys';
import { type NewRule, newRule } from '#contracts/rules';
import type { DecisionTrace } from '#contracts/trace';
import { compileRules } from '#policy/compile-rules';
import { decide, refusalOf } from '#policy/decision';
import { explain } from '#policy/explain';
import { knownModels } from '#policy/known-models';
import { rulesAt } from '../rules.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { TWO_PROVIDERS, twoProviders } from '../two-providers.js';

let stack: Stack;
let providers: Awaited<ReturnType<typeof twoProviders>>;
beforeAll(async () => {
  providers = await twoProviders();
  stack = await startStack({ env: providers.env });
});
afterAll(async () => {
  await stack?.stop();
  await providers?.stop();
});

const list = (...words: string[]) => fc.uniqueArray(fc.constantFrom(...words), { maxLength: 3 });
const most = fc.constantFrom(null, '0', '0.5', '2', '3', '10', '30');
const rule: fc.Arbitrary<NewRule> = fc
  .record({
    status: fc.constantFrom('active', 'active', 'observe', 'inactive'),
    condition: fc.constantFrom(
      null,
      null,
      'request.stream',
      'request.max_tokens <= 50',
      'request.tools || has(request.max_tokens)',
    ),
    content: fc.oneof(
      fc.record({
        type: fc.constantFrom('allow_models', 'deny_models'),
        models: list('cheap', 'dear', 'both', 'free', '*e*', 'one/*', 'alias-*', 'alias-of-both', '*'),
      }),
      fc.record({ type: fc.constantFrom('allow_providers', 'deny_providers'), providers: list('one', 'two', 't*') }),
      fc.record({
        type: fc.constantFrom('allow_pricing', 'deny_pricing'),
        pricing: fc.record({
          tier: fc.constantFrom('free', 'paid', 'any'),
          max_input_price: most,
          max_output_price: most,
        }),
      }),
      fc.record({ type: fc.constantFrom('allow_ips', 'deny_ips'), cidrs: list('127.0.0.0/8', '10.0.0.0/8', '::/0') }),
    ),
  })
  .map(({ content, ...rest }) => newRule.parse({ ...content, ...rest }));
const call = fc.record({
  model: fc.constantFrom(...TWO_PROVIDERS, 'alias-of-both', 'nobody-serves-this'),
  stream: fc.boolean(),
  max_tokens: fc.constantFrom(null, 20, 100),
  tools: fc.boolean(),
});
type Call = { model: string; stream: boolean; max_tokens: number | null; tools: boolean };

async function explained(key_id: string, { model, stream, max_tokens, tools }: Call): Promise<DecisionTrace> {
  const body = { key_id, model, stream, max_tokens, tools, ip: '127.0.0.1' };
  const reply = await stack.admin.call('POST', '/api/policy/explain', body);
  if (reply.status !== 200) throw new Error(await reply.text());
  return (await reply.json()) as DecisionTrace;
}

/** What the edge does: its code and the rule it names. */
async function done(key: string, { model, stream, max_tokens, tools }: Call) {
  const reply = await chat(stack.url, key, {
    model,
    stream,
    ...(max_tokens === null ? {} : { max_tokens }),
    ...(tools ? { tools: [] } : {}),
  });
  const text = await reply.text();
  if (reply.status === 200) return { code: null, rule: null };
  const { error } = JSON.parse(text) as { error: { code: string; details: { rule_id?: string } } };
  return { code: error.code, rule: error.details.rule_id ?? null };
}

describe('an explanation', () => {
  it('is what the edge then does, for random rules and requests', async () => {
    const { id, key } = await stack.admin.createKey();
    const rules = rulesAt(stack, `api-keys/${id}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(rule, { maxLength: 4 }),
        fc.array(call, { minLength: 4, maxLength: 4 }),
        async (set, calls) => {
          expect((await rules.put(set)).status).toBe(200);
          for (const each of calls) {
            const trace = await explained(id, each);
            const said = { code: trace.code, rule: trace.rule?.id ?? null };
            // A change of rules takes a moment to arrive, and no longer.
            const happened = await eventually(
              () => done(key, each),
              (now) => now.code === said.code && now.rule === said.rule,
              2000,
            );
            expect(happened).toEqual(said);
            expect(trace.decision).toBe(said.code === null ? 'allow' : 'deny');
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it('says what is decided, over ten thousand pairs of rules and requests', () => {
    const models = knownModels(catalogue());
    const usable = {
      key_id: 'key',
      valid_until: null,
      disabled: false,
      expires_at: null,
      scopes: ['read'],
      organization_id: 'org',
      currency: 'USD',
      budget: null,
      recurring_limit: null,
      recurring_since: null,
      spend_epoch: 0,
      project_budget: null,
      project_recurring_limit: null,
      project_recurring_since: null,
      project_spend_epoch: 0,
      prepaid: false,
    } satisfies Partial<UsableKey>;
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom('organization', 'project', 'member', 'key'), fc.array(rule, { maxLength: 4 })),
          { maxLength: 4 },
        ),
        call,
        (sets, { model: name, stream, max_tokens: maxTokens, tools }) => {
          const policy = compileRules(
            sets.map(([level, rules], at) => ({
              level,
              rules: rules.map((each, index) => ({ ...each, id: `${level} ${at} ${index}` })),
            })),
          );
          const model = models.get(name);
          const judged = {
            key: { ...usable, scopes: [...usable.scopes], name: 'k', tags: {}, project_id: 'prj' },
            name,
            endpoint: '/v1/chat/completions',
            stream,
            ip: '127.0.0.1',
            now: 0,
            details: () => ({ maxTokens, tools, images: false, inputTokens: 10 }),
          };
          const trace = explain({
            key: judged.key,
            call: judged,
            model: model ?? null,
            routes: model?.routes ?? [],
            policy,
          });
          if (!model) return void expect(trace.code).toBe('model_not_found');
          const verdict = decide(policy, { ...judged, model }, model.routes);
          if (verdict.decision === 'allow') {
            expect(trace).toMatchObject({ decision: 'allow', code: null, rule: null, observed: verdict.observed });
            const { detail } = trace.steps.find(({ step }) => step === 'rules') ?? {};
            expect(detail?.providers).toEqual(verdict.ways.map(({ provider }) => provider));
          } else {
            const { code, details } = refusalOf(verdict, name);
            expect(trace).toMatchObject({
              decision: 'deny',
              code,
              rule: { id: details.rule_id, level: details.rule_level },
            });
          }
        },
      ),
      { numRuns: 10_000 },
    );
  }, 60_000);

  it('goes through every step in order, to the one that decides', async () => {
    const { id } = await stack.admin.createKey();
    const steps = async () => (await explained(id, PLAIN)).steps.map(({ step, result }) => `${step} ${result}`);
    expect(await steps()).toEqual([
      ...['credential', 'enabled', 'expiry', 'scope', 'model', 'rules'].map((step) => `${step} pass`),
      ...['price', 'rpm', 'tpm', 'concurrency', 'budget', 'period', 'credits'].map((step) => `${step} pass`),
    ]);
    await stack.admin.call('POST', `/api/api-keys/${id}/disable`, {});
    expect(await explained(id, PLAIN)).toMatchObject({ decision: 'deny', code: 'key_disabled' });
    expect((await steps()).slice(0, 4)).toEqual([
      'credential pass',
      'enabled fail',
      'expiry not_reached',
      'scope not_reached',
    ]);
  });

  it('shows what each level left, and what observed rules would have refused', async () => {
    const { id } = await stack.admin.createKey();
    const put = await rulesAt(stack, `api-keys/${id}`).put([
      { type: 'deny_providers', providers: ['one'] },
      { type: 'deny_models', models: ['both'], status: 'observe' },
    ]);
    const { rules } = (await put.json()) as { rules: { id: string }[] };
    const trace = await explained(id, { ...PLAIN, model: 'both' });
    expect(trace).toMatchObject({ decision: 'allow', observed: [rules[1]?.id] });
    expect(trace.steps.find(({ step }) => step === 'rules')?.detail).toEqual({
      asked: [{ level: 'key', subject: 'providers', result: 'pass', before: 2, after: 1, rule: rules[0]?.id }],
      providers: ['two'],
    });
  });
});

const PLAIN: Call = { model: 'cheap', stream: false, max_tokens: null, tools: false };

function catalogue(): Parameters<typeof knownModels>[0] {
  const provider = (id: string) => ({
    id,
    dialect: 'openai' as const,
    origin: 'https://one.test',
    credential_env: null,
    credential_file: null,
  });
  const price = (input: string, output: string) => ({
    input,
    cached_input: input,
    cache_write: input,
    output,
    tiers: [],
  });
  const route = (provider: string, input: string, output: string) => ({
    provider,
    upstream_model: 'x',
    snapshots: [],
    priority: 0,
    weight: 1,
    prices: [{ from: null, price: price(`${Number(input) * 1e9}`, `${Number(output) * 1e9}`) }],
  });
  const model = (
    id: string,
    routes: ReturnType<typeof route>[],
  ): Parameters<typeof knownModels>[0]['models'][number] => ({
    id,
    context: null,
    max_output: null,
    free: false,
    routes,
  });
  return {
    revision: 1,
    currency: 'USD',
    providers: [provider('one'), provider('two')],
    models: [
      model('cheap', [route('one', '0.5', '1')]),
      model('dear', [route('two', '10', '30')]),
      model('both', [route('one', '2', '4'), route('two', '3', '6')]),
      model('free', [route('one', '0', '0')]),
    ],
    aliases: { 'alias-of-both': 'both' },
  };
}
