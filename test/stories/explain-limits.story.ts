import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DecisionTrace } from '#contracts/trace';
import { chat, eventually } from '../stack.js';
import { houseOfTwoProviders } from '../two-providers.js';

const house = houseOfTwoProviders();

interface Call {
  readonly model: string;
  readonly max_tokens: number | null;
}

async function explained(key_id: string, { model, max_tokens }: Call): Promise<DecisionTrace> {
  const body = { key_id, model, max_tokens, est_tokens: 25 };
  const reply = await answered(() => house.stack.admin.call('POST', '/api/policy/explain', body));
  if (reply.status !== 200) throw new Error(await reply.text());
  return (await reply.json()) as DecisionTrace;
}

async function done(key: string, { model, max_tokens }: Call): Promise<Record<string, unknown> | null> {
  const body = { model, ...(max_tokens === null ? {} : { max_tokens }) };
  const reply = await answered(() => chat(house.stack.url, key, body));
  const { error } = (await reply.json()) as { error?: { code: string; details: Record<string, unknown> } };
  return reply.status === 200 ? null : { code: error?.code, ...error?.details };
}

interface Logged {
  readonly decision: DecisionTrace;
}

/** A busy machine may keep a service from answering in time: that is no answer, and takes nothing. */
const answered = (ask: () => Promise<Response>) => eventually(ask, ({ status }) => status !== 503);

const stepOf = (trace: DecisionTrace, name: string) => trace.steps.find(({ step }) => step === name);
const limits = fc.record({
  rate_limit: fc.constantFrom(null, null, 1, 2),
  // Too small for any call, for one with a long answer, for none.
  token_limit: fc.constantFrom(null, 5, 1000, 100_000),
  budget: fc.constantFrom(null, '0', '0.000001', '10'),
  recurring_limit: fc.constantFrom(
    null,
    { amount: '0', every: 1, unit: 'day' },
    { amount: '10', every: 1, unit: 'day' },
  ),
});
const call = fc.record({
  model: fc.constantFrom('cheap', 'both', 'free', 'unpriced'),
  max_tokens: fc.constantFrom(null, 20, 5000),
});

describe('an explanation of a key with limits', () => {
  it('is what the edge then does, for random limits and calls', async () => {
    const codes = new Set<unknown>();
    await fc.assert(
      fc.asyncProperty(limits, fc.array(call, { minLength: 3, maxLength: 3 }), async (fields, calls) => {
        const { id, key } = await house.stack.admin.createKey(fields);
        for (const each of calls) {
          const trace = await explained(id, each);
          const happened = await done(key, each);
          expect({ ...fields, ...each, code: trace.code }).toEqual({
            ...fields,
            ...each,
            code: happened?.code ?? null,
          });
          expect(trace.decision).toBe(happened === null ? 'allow' : 'deny');
          codes.add(trace.code);
        }
      }),
      { numRuns: 60 },
    );
    expect([...codes]).toEqual(
      expect.arrayContaining([
        null,
        ...['model_unpriced', 'rate_limit_exceeded', 'request_exceeds_token_limit'],
        ...['spend_limit_reached', 'period_spend_limit_reached'],
      ]),
    );
  }, 120_000);

  it('shows the values that were compared, which a denial then has', async () => {
    const { id, key } = await house.stack.admin.createKey({ rate_limit: 2, budget: '5', max_parallel: 3 });
    expect(await done(key, { model: 'cheap', max_tokens: 20 })).toBeNull();
    const trace = await eventually(
      () => explained(id, { model: 'cheap', max_tokens: 20 }),
      (trace) => JSON.stringify(stepOf(trace, 'concurrency')).includes('"reserved":0'),
    );
    expect(trace).toMatchObject({ decision: 'allow', code: null });
    expect(stepOf(trace, 'rpm')).toMatchObject({
      result: 'pass',
      detail: { limits: [{ limit: 'rate_limit', limit_value: 2, used: 1, reserved: 0, remaining: 1, needed: 1 }] },
    });
    expect(stepOf(trace, 'budget')).toMatchObject({
      result: 'pass',
      detail: { limits: [{ limit: 'budget', limit_value: '5.00', reserved: '0.00', resets_at: null }] },
    });
    expect(stepOf(trace, 'tpm')).toEqual({ step: 'tpm', result: 'pass', detail: { limits: [] } });

    expect(await done(key, { model: 'cheap', max_tokens: 20 })).toBeNull();
    const over = await explained(id, { model: 'cheap', max_tokens: 20 });
    expect(over).toMatchObject({ decision: 'deny', code: 'rate_limit_exceeded' });
    // Limits are compared all at once, and a provider is asked of what has room.
    expect(stepOf(over, 'budget')).toMatchObject({ result: 'pass', detail: { limits: [{ limit: 'budget' }] } });
    expect(stepOf(over, 'provider')).toEqual({ step: 'provider', result: 'not_reached', detail: {} });
    const { limit, limit_value, used, remaining } = (await done(key, { model: 'cheap', max_tokens: 20 })) ?? {};
    expect(stepOf(over, 'rpm')?.detail.limits).toMatchObject([{ limit, limit_value, used, remaining }]);
  });

  it('is written down of what was refused, with its values and its size: asked again with those, it is refused again', async () => {
    const { id, key } = await house.stack.admin.createKey({ token_limit: 1 });
    const refused = await chat(house.stack.url, key, { model: 'cheap' });
    expect(refused.status).toBe(400);
    const requestId = refused.headers.get('x-request-id');
    const inLog = await eventually(
      async () => (await house.stack.admin.call('GET', `/api/requests/${requestId}`)).json() as Promise<Logged>,
      ({ decision }) => decision !== undefined,
      15_000,
    );
    const { decision } = inLog;
    expect(stepOf(decision, 'tpm')).toMatchObject({
      result: 'fail',
      detail: { code: 'request_exceeds_token_limit', limits: [{ limit: 'token_limit', limit_value: 1 }] },
    });
    expect(stepOf(decision, 'rules')?.result).toBe('pass');
    expect(decision.call?.est_tokens).toBeGreaterThan(1);
    const again = await house.stack.admin.call('POST', '/api/policy/explain', {
      key_id: id,
      model: 'cheap',
      ...decision.call,
    });
    expect(await again.json()).toMatchObject({ decision: 'deny', code: 'request_exceeds_token_limit' });
  });

  it('says that no provider can be asked, where the credential of none is there; and so does the edge', async () => {
    const provider = {
      id: 'locked',
      dialect: 'openai',
      origin: 'https://locked.example.com',
      credential_env: 'LOCKED_API_KEY',
    };
    expect((await house.stack.admin.call('POST', '/api/providers', provider)).status).toBe(201);
    const routes = [{ provider: 'locked', price: { input: 1, output: 1 } }];
    expect((await house.stack.admin.call('POST', '/api/models', { id: 'behind-a-lock', routes })).status).toBe(201);
    const { id, key } = await house.stack.admin.createKey();
    const ask = { model: 'behind-a-lock', max_tokens: 20 };
    const trace = await eventually(
      () => explained(id, ask),
      ({ code }) => code !== 'model_not_found',
    );
    expect(trace).toMatchObject({ decision: 'deny', code: 'service_unavailable' });
    expect(stepOf(trace, 'concurrency')?.result).toBe('pass');
    const providers = [{ provider: 'locked', credential: 'missing', unreachable: false }];
    expect(stepOf(trace, 'provider')).toEqual({ step: 'provider', result: 'fail', detail: { providers } });
    const refused = await eventually(
      () => chat(house.stack.url, key, ask),
      ({ status }) => status !== 404,
    );
    expect(refused.status).toBe(503);
  });

  it('of no call at all says whether the key may make any', async () => {
    const { id } = await house.stack.admin.createKey();
    const ask = async () => (await house.stack.admin.call('POST', '/api/policy/explain', { key_id: id })).json();
    expect(await ask()).toMatchObject({ decision: 'allow', code: null });
    await house.stack.admin.call('POST', `/api/api-keys/${id}/disable`, {});
    expect(await ask()).toMatchObject({ decision: 'deny', code: 'key_disabled' });
  });

  it('takes nothing: asked often, a call still fits', async () => {
    const { id, key } = await house.stack.admin.createKey({ rate_limit: 1, max_parallel: 1, budget: '1' });
    for (let asked = 0; asked < 5; asked++)
      expect((await explained(id, { model: 'cheap', max_tokens: 20 })).decision).toBe('allow');
    expect(await done(key, { model: 'cheap', max_tokens: 20 })).toBeNull();
  });

  it('says that a limit of the project is what is missing', async () => {
    const made = await house.stack.admin.call('POST', '/api/projects', { name: 'small', budget: '0' });
    const { id: project_id } = (await made.json()) as { id: string };
    const { id, key } = await house.stack.admin.createKey({ project_id, budget: '10' });
    const trace = await explained(id, { model: 'cheap', max_tokens: 20 });
    expect(stepOf(trace, 'budget')).toMatchObject({
      result: 'fail',
      detail: { code: 'spend_limit_reached', limits: [{ limit: 'budget' }, { limit: 'project_budget' }] },
    });
    expect(await done(key, { model: 'cheap', max_tokens: 20 })).toMatchObject({ limit: 'project_budget' });
  });
});
