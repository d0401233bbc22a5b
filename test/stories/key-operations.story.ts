import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import fc from 'fast-check';
import { KeysRpc } from '#contracts/keys';
import { PeopleRpc } from '#contracts/people';
import { Refused } from '#contracts/refusals';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { AKey, type Secret } from '../key-model.js';
import { eventually, type Stack, startStack } from '../stack.js';
import { backToNow, forward } from '../time-travel.js';

const MINUTE = 60_000;
const RUNS = 25;

/** One thing done to the key; minutes are lengths of time. */
type Step =
  | { do: 'rename'; name: string }
  | { do: 'limit'; budget: string | null }
  | { do: 'recur'; amount: string | null }
  | { do: 'expire_in' | 'enable_for' | 'wait'; minutes: number }
  | { do: 'enable' | 'disable' | 'never_expire' | 'finish' | 'reset' | 'delete' }
  | { do: 'rotate'; graceMinutes: number }
  | { do: 'update_stale' };

const minutes = fc.integer({ min: 1, max: 90 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('rename' as const), name: fc.stringMatching(/^[a-z]{1,5}$/) }),
  fc.record({ do: fc.constant('limit' as const), budget: fc.constantFrom('1.00', '2.50', null) }),
  fc.record({ do: fc.constant('recur' as const), amount: fc.constantFrom('1.00', '3.00', null) }),
  fc.record({ do: fc.constantFrom('expire_in', 'enable_for', 'wait'), minutes }),
  fc.record({ do: fc.constantFrom('enable', 'disable', 'never_expire', 'finish', 'reset') }),
  fc.record({ do: fc.constant('rotate' as const), graceMinutes: fc.constantFrom(0, 15, 60) }),
  fc.record({ do: fc.constant('update_stale' as const) }),
  { weight: 0, arbitrary: fc.record({ do: fc.constant('delete' as const) }) },
) as fc.Arbitrary<Step>;

let stack: Stack;
let bus: NatsConnection;
let client: BusClient;
let organization_id: string;
let made = 0;
beforeAll(async () => {
  stack = await startStack();
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'test' });
  const { organization } = await client.call(PeopleRpc.createOrganization, {
    name: 'Model',
    owner: { email: 'owner@model.test', password: 'correct-horse-battery' },
    project: { name: 'Model', plan: 'enterprise' },
  });
  organization_id = organization.id;
});
afterAll(async () => {
  await bus?.close();
  await stack?.stop();
});
afterEach(backToNow);

describe('whatever is done to a key, in whatever order', () => {
  it(
    'it is what the model says, and so are its secrets to everybody who asks',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 12 }), fc.boolean(), async (done, deleted) => {
          const key = await create();
          for (const step of deleted ? [...done, { do: 'delete' } as const] : done) {
            await take(key, step);
            await compare(key);
          }
        }),
        { numRuns: RUNS, endOnFailure: true, verbose: 1 },
      );
    },
    RUNS * 20_000,
  );
});

async function create(): Promise<AKey> {
  const name = `model ${++made}`;
  const { key, ...view } = await client.call(KeysRpc.createKey, { organization_id, name });
  return new AKey(view.id, name, key ?? '', Date.parse(view.created_at));
}

/** Does it for real and in the model: both do it, or both refuse with the same code. */
async function take(key: AKey, step: Step): Promise<void> {
  if (step.do === 'wait') return forward(step.minutes * MINUTE);
  const one = { organization_id, key_id: key.id };
  const code = key.refuses(step, Date.now());
  const asked = ask(one, key, step).catch((error: unknown) => error);
  const answer = await asked;
  if (code !== null) {
    expect(answer instanceof Refused ? answer.code : answer).toBe(code);
    return;
  }
  if (answer instanceof Error) throw answer;
  key.apply(step, answer as Record<string, unknown>);
}

function ask(one: { organization_id: string; key_id: string }, key: AKey, step: Step): Promise<unknown> {
  const update = (fields: object) => client.call(KeysRpc.updateKey, { ...one, ...fields });
  switch (step.do) {
    case 'rename':
      return update({ name: `${step.name} ${key.id}` });
    case 'limit':
      return update({ budget: step.budget });
    case 'recur':
      return update({ recurring_limit: step.amount === null ? null : { amount: step.amount, every: 1, unit: 'day' } });
    case 'expire_in':
      return update({ expires_at: new Date(Date.now() + step.minutes * MINUTE).toISOString() });
    case 'never_expire':
      return update({ expires_at: null });
    case 'update_stale':
      return update({ budget: '7.00', expected_revision: key.revision - 1 });
    case 'enable_for':
      return client.call(KeysRpc.enableKey, { ...one, ttl: { value: step.minutes, unit: 'minutes' } });
    case 'enable':
      return client.call(KeysRpc.enableKey, one);
    case 'disable':
      return client.call(KeysRpc.disableKey, one, { timeoutMs: 5000 });
    case 'rotate':
      return client.call(KeysRpc.rotateKey, { ...one, grace_seconds: step.graceMinutes * 60 });
    case 'finish':
      return client.call(KeysRpc.finishRotation, one, { timeoutMs: 5000 });
    case 'reset':
      return client.call(KeysRpc.resetUsage, one);
    case 'delete':
      return client.call(KeysRpc.deleteKey, one, { timeoutMs: 5000 });
    default:
      throw new Error(`nobody knows how to ${step.do}`);
  }
}

async function compare(key: AKey): Promise<void> {
  const view = await client.call(KeysRpc.getKey, { organization_id, key_id: key.id }).catch(codeOf);
  const expected = key.view(Date.now());
  if (typeof expected === 'string') expect(view).toBe(expected);
  else expect(view).toMatchObject(expected);
  for (const secret of key.secrets) await verified(key, secret);
}

/** A moment may pass until a change is known to who answers; then it stays so. */
async function verified(key: AKey, secret: Secret): Promise<void> {
  await eventually(
    async () => {
      const answer = await client.call(KeysRpc.verifyKey, { key: secret.text }).catch(codeOf);
      return typeof answer === 'string' ? answer : answer.code;
    },
    (code) => code === key.verdict(secret, Date.now()),
  );
}

function codeOf(error: unknown): string {
  if (error instanceof Refused) return error.code;
  throw error;
}
