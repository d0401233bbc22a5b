import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EdgeStack, startEdge } from '../edge.js';
import { eventually } from '../eventually.js';

let edge: EdgeStack;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge?.stop());

const CHAT = '/v1/chat/completions';
const call = (model: string, headers = {}) => edge.ask(CHAT, { model, messages: [] }, { headers });

/** What Prometheus would have read, as `name label="value" …` → value. */
async function metrics(): Promise<Map<string, number>> {
  const text = await (await fetch(`${edge.url}/metrics`)).text();
  const lines = text.matchAll(/^(keyward_\w+)\{(.*)\} (\S+)$/gm);
  return new Map([...lines].map(([, name, labels, value]) => [series(name, labels?.split(',')), Number(value)]));
}
/** The labels of a series stand in no particular order. */
const series = (name = '', labels: string[] = []) => [name, ...labels.sort()].join(' ');
const metric = (name: string, labels: Record<string, string>) =>
  series(
    name,
    Object.entries({ ...labels, service: 'gateway' }).map(([label, value]) => `${label}="${value}"`),
  );

describe('whoever watches a gateway', () => {
  it('sees what was forwarded, by how it ended, and how long it took', async () => {
    expect((await (await call('fake')).text()).length).toBeGreaterThan(0);
    const ok = { endpoint: CHAT, provider: 'one', outcome: 'ok', status: '200' };
    const seen = await eventually(metrics, (all) => all.get(metric('keyward_requests_total', ok)) === 1);
    expect(seen.get(metric('keyward_first_byte_seconds_count', { provider: 'one' }))).toBe(1);
  });

  it('sees what was refused, by its code', async () => {
    expect((await call('nobody-serves-this')).status).toBe(404);
    expect((await call('fake', { authorization: 'Bearer kw_nonsense' })).status).toBe(401);
    const seen = await metrics();
    expect(seen.get(metric('keyward_refusals_total', { code: 'model_not_found', status: '404' }))).toBe(1);
    expect(seen.get(metric('keyward_refusals_total', { code: 'invalid_api_key', status: '401' }))).toBe(1);
    expect([...seen.keys()].join()).not.toContain('nobody-serves-this');
  });

  it('sees each line of /readyz', async () => {
    const { checks } = (await (await fetch(`${edge.url}/readyz`)).json()) as { checks: Record<string, object> };
    const seen = await metrics();
    const lines = [...seen].filter(([name]) => name.startsWith('keyward_check_ok'));
    expect(lines).toHaveLength(Object.keys(checks).length);
    expect(seen.get(metric('keyward_check_ok', { check: 'nats', essential: 'true' }))).toBe(1);
  });
});
