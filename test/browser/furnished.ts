import type { UsageEvent } from '#contracts/usage';
import { chat, eventually, type Stack } from '../stack.js';
import { ago, used } from './used.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Made {
  readonly id: string;
  readonly key: string;
}

/** A house somebody has lived in for a month: keys in every state, people, money, and a request that was denied. */
export async function furnish(stack: Stack): Promise<{ readonly production: Made; readonly denied: string }> {
  const { createKey, call } = stack.admin;
  const post = async (path: string, body: unknown) => {
    // What has just started on a busy machine may have to be asked twice.
    const reply = await eventually(
      () => call('POST', path, body),
      ({ status }) => status !== 503,
    );
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as Record<string, unknown>;
  };
  for (const { models, ...provider } of PROVIDERS)
    await post('/api/providers', { ...provider, prices: provider.id, models });
  const recurring_limit = { amount: '60.00', every: 1, unit: 'day' };
  const production = await createKey({
    name: 'production',
    tags: { team: 'search' },
    budget: '2500.00',
    recurring_limit,
    rate_limit: 600,
    token_limit: 200_000,
  });
  const evaluation = await createKey({ name: 'evaluation', budget: '31.00', tags: { team: 'research' } });
  const nightly = await createKey({ name: 'nightly reports', budget: '12.00' });
  const monthly = { amount: '500.00', every: 1, unit: 'month' };
  const assistant = await createKey({ name: 'support assistant', recurring_limit: monthly });
  const contractor = await createKey({ name: 'contractor', ttl: { value: 9, unit: 'hours' }, tags: { temporary: '' } });
  const batch = await createKey({ name: 'old batch jobs' });
  await createKey({ name: 'ci', expires_at: new Date(Date.now() + 2000).toISOString() });
  await post(`/api/api-keys/${batch.id}/disable`, {});
  await post(`/api/api-keys/${assistant.id}/rotate`, { grace: { value: 24, unit: 'hours' } });
  await call('PUT', `/api/api-keys/${production.id}/iam-rules`, {
    rules: [
      { type: 'allow_models', models: ['gpt-4*', 'claude-*', 'echo'] },
      { type: 'deny_pricing', pricing: { tier: 'any', max_output_price: '60.00' } },
    ],
  });
  await post('/api/webhooks', { url: 'https://hooks.example.com/keyward', events: ['key.*', 'limit.threshold'] });
  await post('/api/provider-keys', {
    project_id: (await keyView(stack, production)).project_id,
    provider: 'echo',
    name: 'our own account',
    secret: 'sk-only-for-this-test',
  });
  await post('/api/invitations', { email: 'grace@keyward.test', role: 'admin' });
  const { token } = await post('/api/invitations', { email: 'ada@keyward.test', role: 'member' });
  await post('/api/invitations/accept', { token, name: 'Ada', password: 'a password of Ada' });

  const window_start = ((await keyView(stack, production)).period as { started_at: string }).started_at;
  await used(stack, production, [...aMonth(30, '180000000'), ...today(40, '900000000', { window_start })]);
  await used(stack, evaluation, [...aMonth(20, '130000000'), ...today(10, '100000000')]);
  await used(stack, nightly, aMonth(28, '48000000'));
  await used(stack, assistant, aMonth(26, '75000000'));
  await used(stack, contractor, today(6, '20000000'));
  // Paid in only now: what was used before went on nobody’s account.
  await post('/api/credits', { kind: 'top_up', currency: 'USD', amount: '1000.00', note: 'invoice 2026-114' });
  await post('/api/credits', { kind: 'adjustment', currency: 'USD', amount: '-25.00', note: 'refunded' });
  for (let asked = 0; asked < 5; asked++) await (await chat(stack.url, production.key)).text();
  const refused = await chat(stack.url, production.key, { model: 'o3' });
  return { production, denied: refused.headers.get('x-request-id') ?? '' };
}

async function keyView({ admin }: Stack, { id }: Made): Promise<Record<string, unknown>> {
  return (await (await admin.call('GET', `/api/api-keys/${id}`)).json()) as Record<string, unknown>;
}

const PROVIDERS = [
  {
    id: 'openai',
    dialect: 'openai',
    origin: 'https://api.openai.com',
    credential_env: 'OPENAI_API_KEY',
    models: ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1*', 'gpt-5*', 'o3', 'o4-mini'],
  },
  {
    id: 'anthropic',
    dialect: 'anthropic',
    origin: 'https://api.anthropic.com',
    credential_env: 'ANTHROPIC_API_KEY',
    models: ['claude-*'],
  },
] as const;

const MODELS = [
  { served_model: 'gpt-4.1', model: 'gpt-4.1', provider: 'openai' },
  { served_model: 'claude-sonnet-4-5', model: 'claude-sonnet-4-5', provider: 'anthropic' },
  { served_model: 'gpt-4o-mini', model: 'gpt-4o-mini', provider: 'openai' },
] as const;

/** A few requests every day, more of them on some days than on others. */
function aMonth(days: number, cost_nanos: string): Partial<UsageEvent>[] {
  return Array.from({ length: days * 3 }, (_, index) => {
    const day = Math.floor(index / 3) + 1;
    const weight = BigInt(1 + ((day * 7 + index) % 5));
    return {
      ...MODELS[index % 3],
      at: ago(day * DAY + (index % 3) * 4 * HOUR),
      own_key: index % 9 === 4,
      cost_nanos: String(BigInt(cost_nanos) * weight),
      input_tokens: 1200 * Number(weight),
      cached_input_tokens: 400 * Number(weight),
      output_tokens: 300 * Number(weight),
      ...(index % 17 === 3
        ? { outcome: 'provider_error' as const, status: 502, code: 'upstream_error', cost_nanos: '0' }
        : {}),
    };
  });
}

function today(count: number, cost_nanos: string, fields: Partial<UsageEvent> = {}): Partial<UsageEvent>[] {
  return Array.from({ length: count }, (_, index) => ({
    ...MODELS[index % 3],
    at: ago((index + 1) * 7 * MINUTE),
    duration_ms: 400 + 130 * (index % 7),
    first_byte_ms: 120 + 20 * (index % 5),
    input_tokens: 900 + 50 * index,
    output_tokens: 250 + 10 * index,
    cost_nanos,
    ...(index % 11 === 5
      ? { kind: 'denied' as const, outcome: 'denied' as const, status: 403, code: 'model_not_allowed', cost_nanos: '0' }
      : {}),
    ...fields,
  }));
}
