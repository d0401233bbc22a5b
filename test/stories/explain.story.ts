import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import { type NewRule, newRule } from '#contracts/rules';
import type { DecisionTrace } from '#contracts/trace';
import { compileRules, type Policy } from '#policy/compile-rules';
import { routesAt } from '#policy/doors';
import { explain } from '#policy/explain';
import { type KnownModel, knownModels } from '#policy/known-models';
import { readCall } from '../../apps/gateway/src/edge/call.js';
import { type Endpoint, endpointAt } from '../../apps/gateway/src/edge/endpoints.js';
import type { Exchange } from '../../apps/gateway/src/edge/exchange.js';
import { routesFor } from '../../apps/gateway/src/edge/offers.js';
import { RuleStep } from '../../apps/gateway/src/edge/rule-step.js';
import { rulesAt } from '../rules.js';
import { chat, eventually } from '../stack.js';
import { houseOfTwoProviders, TWO_PROVIDERS } from '../two-providers.js';

const house = houseOfTwoProviders();

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
      '!request.images && request.model != "gpt-4"',
    ),
    content: fc.oneof(
      fc.record({
        type: fc.constantFrom('allow_models', 'deny_models'),
        models: list(
          'cheap',
          'dear',
          'both',
          'free',
          '*e*',
          'one/*',
          'alias-*',
          'alias-of-both',
          'GPT-4',
          'gpt-4-*',
          '*',
        ),
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
  model: fc.constantFrom(...TWO_PROVIDERS, 'alias-of-both', 'gpt-4', 'gpt-4-0613', 'pinned', 'nobody-serves-this'),
  stream: fc.boolean(),
  max_tokens: fc.constantFrom(null, 20, 100),
  tools: fc.boolean(),
  images: fc.boolean(),
});
type Call = { model: string; stream: boolean; max_tokens: number | null; tools: boolean; images: boolean };

/** The same, as a client would say it. */
function bodyOf({ model, stream, max_tokens, tools, images }: Call) {
  const picture = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
  const content = images ? [{ type: 'text', text: 'hi' }, picture] : 'hi';
  return {
    model,
    stream,
    messages: [{ role: 'user', content }],
    ...(max_tokens === null ? {} : { max_tokens }),
    ...(tools ? { tools: [] } : {}),
  };
}

async function explained(key_id: string, call: Call): Promise<DecisionTrace> {
  const body = { key_id, ...call, ip: '127.0.0.1' };
  const reply = await house.stack.admin.call('POST', '/api/policy/explain', body);
  if (reply.status !== 200) throw new Error(await reply.text());
  return (await reply.json()) as DecisionTrace;
}

/** What the edge does: its code and the rule it names. */
async function done(key: string, call: Call) {
  const reply = await chat(house.stack.url, key, bodyOf(call));
  const text = await reply.text();
  if (reply.status === 200) return { code: null, rule: null };
  const { error } = JSON.parse(text) as { error: { code: string; details: { rule_id?: string } } };
  return { code: error.code, rule: error.details.rule_id ?? null };
}

describe('an explanation', () => {
  it('is what the edge then does, for random rules and requests', async () => {
    const { id, key } = await house.stack.admin.createKey();
    const rules = rulesAt(house.stack, `api-keys/${id}`);
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

  it('is what the edge’s own step does with the bytes of a request, ten thousand times', async () => {
    const models = knownModels(catalogue());
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.constantFrom('organization', 'project', 'member', 'key'), fc.array(rule, { maxLength: 4 })),
          { maxLength: 4 },
        ),
        call,
        async (sets, call) => {
          const named = sets.map(([level, rules], at) => ({
            level,
            rules: rules.map((each, index) => ({ ...each, id: `${level} ${at} ${index}` })),
          }));
          const { model: name, stream, max_tokens: maxTokens, tools, images } = call;
          const endpoint = '/v1/chat/completions';
          const model = models.get(name) ?? null;
          const trace = explain({
            key: KEY,
            call: {
              ...{ key: KEY, name, endpoint, stream, ip: '127.0.0.1', now: 0 },
              details: () => ({ maxTokens, tools, images, inputTokens: 10 }),
            },
            model,
            routes: routesAt(endpoint, model),
            policy: compileRules(named),
          });
          if (!model) return void expect(trace.code).toBe('model_not_found');
          expect(await stepOf(compileRules(named), model, call)).toEqual({
            code: trace.code,
            rule: trace.rule?.id ?? null,
            level: trace.rule?.level ?? null,
            providers: sorted(trace.steps.find(({ step }) => step === 'rules')?.detail.providers),
            observed: trace.observed,
          });
        },
      ),
      { numRuns: 10_000 },
    );
  }, 120_000);

  it('goes through every step in order, to the one that decides', async () => {
    const { id } = await house.stack.admin.createKey();
    const steps = async () => (await explained(id, PLAIN)).steps.map(({ step, result }) => `${step} ${result}`);
    expect(await steps()).toEqual([
      ...['credential', 'enabled', 'expiry', 'scope', 'model', 'rules'].map((step) => `${step} pass`),
      ...['price', 'budget', 'period', 'credits', 'rpm', 'tpm', 'concurrency', 'provider'].map(
        (step) => `${step} pass`,
      ),
    ]);
    await house.stack.admin.call('POST', `/api/api-keys/${id}/disable`, {});
    expect(await explained(id, PLAIN)).toMatchObject({ decision: 'deny', code: 'key_disabled' });
    expect((await steps()).slice(0, 4)).toEqual([
      'credential pass',
      'enabled fail',
      'expiry not_reached',
      'scope not_reached',
    ]);
  });

  it('shows what each level left, and what observed rules would have refused', async () => {
    const { id } = await house.stack.admin.createKey();
    const put = await rulesAt(house.stack, `api-keys/${id}`).put([
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

const PLAIN: Call = { model: 'cheap', stream: false, max_tokens: null, tools: false, images: false };

const KEY = {
  ...{ key_id: 'key', organization_id: 'org', project_id: 'prj', name: 'k', tags: {}, scopes: ['read'] },
  ...{ valid_until: null, disabled: false, expires_at: null, currency: 'USD', prepaid: false },
  ...{ budget: null, recurring_limit: null, recurring_since: null, spend_epoch: 0 },
  ...{ project_budget: null, project_recurring_limit: null, project_recurring_since: null, project_spend_epoch: 0 },
} as unknown as UsableKey;

/** The edge shuffles those of equal rank. */
const sorted = (providers: unknown) => (Array.isArray(providers) ? providers.map(String).sort() : null);

/** What the edge decides, from the bytes of a body on. */
async function stepOf(policy: Policy, model: KnownModel, call: Call) {
  const endpoint = endpointAt('/v1/chat/completions') as Endpoint;
  const read = readCall(endpoint, Buffer.from(JSON.stringify(bodyOf(call))));
  const exchange = { startedAt: 0, request: {} } as Exchange;
  const step = new RuleStep({
    rules: { peek: () => policy, find: () => Promise.resolve(policy) },
    catalogue: { modelOf: () => model },
    ipOf: () => '127.0.0.1',
  });
  const nothing = { rule: null, level: null, providers: null, observed: [] as readonly string[] };
  try {
    const routes = await step.routesFor(exchange, KEY, read, model, routesFor(model, read));
    const { observed = [] } = (exchange.trace ?? {}) as Partial<DecisionTrace>;
    const providers = routes.map(({ provider }) => provider.id).sort();
    return { ...nothing, code: null, providers, observed };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ...nothing, code: error.code, rule: error.details.rule_id, level: error.details.rule_level };
  }
}

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
    snapshots: [] as string[],
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
      model('gpt-4', [{ ...route('two', '30', '60'), snapshots: ['gpt-4-0613'] }]),
    ],
    aliases: { 'alias-of-both': 'both', pinned: 'gpt-4-0613' },
  };
}
