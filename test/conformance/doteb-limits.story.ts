import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LimitEvents } from '#contracts/limits';
import { windowAt } from '#domain/budget/window';
import { connectBus } from '#rpc/connect';
import { listen } from '#rpc/listen';
import { type EdgeStack, startEdge } from '../edge.js';
import { chat, eventually } from '../stack.js';
import { backToNow, forward } from '../time-travel.js';
import { type AProject, aProject } from './a-project.js';

let edge: EdgeStack;
let project: AProject;
beforeAll(async () => {
  edge = await startEdge();
  project = await aProject(edge.stack, 'doteb', 'enterprise');
});
afterAll(() => edge?.stop());
beforeEach(() => edge.one.control.always({ usage: { input: 100, output: 50 } }));
afterEach(() => backToNow());

/** Costs 0.0002; what it may cost before is known to be less than 0.0003. */
const ask = (key: string) => chat(edge.url, key, { model: 'fake', max_tokens: 50 });
const becomes = (key: string, status: number) =>
  eventually(
    () => ask(key),
    (reply) => reply.status === status,
    10_000,
  );
const denial = async (key: string) =>
  ((await (await becomes(key, 402)).json()) as { error: { code: string; details: Record<string, unknown> } }).error;
const patch = (id: string, fields: object) => edge.stack.admin.call('PATCH', `/api/api-keys/${id}`, fields);

const MINUTE = 60_000;
const SMALL = '0.0003';

describe('doteb limits', () => {
  it.each([
    [1, 'hour'],
    [1, 'day'],
    [2, 'week'],
    [1, 'month'],
    [12, 'month'],
  ] as const)('B3 a window of %d %s holds: it stops the key, and says until when', async (every, unit) => {
    const { key, recurring_since } = await project.createKey({ recurring_limit: { amount: SMALL, every, unit } });
    expect((await ask(key)).status).toBe(200);
    const reply = await becomes(key, 402);
    const { error } = (await reply.json()) as { error: Record<string, unknown> };
    const anchor = Date.parse(String(recurring_since));
    const end = windowAt({ every, unit, anchor }, Date.now()).end;
    expect(error).toMatchObject({
      code: 'period_spend_limit_reached',
      details: { limit: 'recurring_limit', used: '0.0002', resets_at: new Date(end).toISOString() },
    });
    expect(Math.abs(Number(reply.headers.get('retry-after')) * 1000 - (end - Date.now()))).toBeLessThan(10_000);
  });

  it('B8 either limit stops the key by itself: the one of all time is not lifted by a new window', async () => {
    const recurring_limit = { amount: '1', every: 1, unit: 'hour' };
    const { id, key } = await project.createKey({ budget: SMALL, recurring_limit });
    expect((await ask(key)).status).toBe(200);
    expect(await denial(key)).toMatchObject({ code: 'spend_limit_reached', details: { limit: 'budget' } });
    forward(61 * MINUTE);
    expect(await denial(key)).toMatchObject({ code: 'spend_limit_reached', details: { limit: 'budget' } });
    await patch(id, { budget: '1' });
    await becomes(key, 200);
  }, 20_000);

  it('B8 B9 a recurring limit stops the key until it is updated, or its next window begins by itself', async () => {
    const recurring_limit = { amount: SMALL, every: 1, unit: 'hour' };
    const { id, key } = await project.createKey({ budget: '1', recurring_limit });
    expect((await ask(key)).status).toBe(200);
    expect((await denial(key)).code).toBe('period_spend_limit_reached');
    await patch(id, { recurring_limit: { ...recurring_limit, amount: '0.0004' } });
    await becomes(key, 200);
    expect((await denial(key)).code).toBe('period_spend_limit_reached');
    forward(61 * MINUTE);
    await becomes(key, 200);
    // Lifetime usage goes on through all of it.
    await eventually(
      () => project.key(id),
      ({ usage }) => Number(usage) >= 0.0006,
      10_000,
    );
  }, 30_000);

  it('B9 of a new window is told with the first usage in it', async () => {
    const { id, key } = await project.createKey({ recurring_limit: { amount: '1', every: 1, unit: 'hour' } });
    const bus = await connectBus({ url: edge.stack.servers.nats, name: 'test' });
    const told: { window_start: string; limit: string }[] = [];
    const listening = listen(
      bus,
      [LimitEvents.windowReset],
      ({ payload }) => {
        if (payload.holder === id) told.push(payload);
      },
      { from: 'new', log: { info() {}, warn() {}, error() {} } },
    );
    await listening.ready;
    expect((await ask(key)).status).toBe(200);
    forward(61 * MINUTE);
    await becomes(key, 200);
    await eventually(
      async () => told,
      ({ length }) => length > 0,
      15_000,
    );
    const { recurring_since } = await project.key(id);
    const window_start = new Date(Date.parse(String(recurring_since)) + 60 * MINUTE).toISOString();
    expect(told).toMatchObject([{ window_start, limit: '1.00' }]);
    await listening.close();
    await bus.close();
  }, 30_000);

  it('B9 a new configuration starts a new window at once; lifetime usage is untouched', async () => {
    const { id, key } = await project.createKey({ recurring_limit: { amount: SMALL, every: 1, unit: 'day' } });
    expect((await ask(key)).status).toBe(200);
    await becomes(key, 402);
    await eventually(
      () => project.key(id),
      ({ usage }) => usage === '0.0002',
      10_000,
    );
    const reply = await patch(id, { recurring_limit: { amount: SMALL, every: 2, unit: 'day' } });
    expect(await reply.json()).toMatchObject({ usage: '0.0002', period: { usage: '0.00' } });
    await becomes(key, 200);
    await eventually(
      () => project.key(id),
      ({ usage, period }) => usage === '0.0004' && (period as { usage: string }).usage === '0.0002',
      10_000,
    );
  }, 20_000);
});
