import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { USAGE_SUBJECT, type UsageEvent, usageBatch } from '#contracts/usage';
import { connectBus } from '#rpc/connect';
import { type EdgeStack, startEdge } from '../edge.js';
import { eventually } from '../stack.js';

let edge: EdgeStack;
let bus: NatsConnection;
const told: UsageEvent[] = [];
beforeAll(async () => {
  edge = await startEdge();
  bus = await connectBus({ url: edge.stack.servers.nats, name: 'test' });
  bus.subscribe(USAGE_SUBJECT, {
    callback: (_, message) => void told.push(...usageBatch.parse(message.json()).events),
  });
  await bus.flush();
});
afterAll(async () => {
  await bus?.close();
  await edge?.stop();
});
beforeEach(() => edge.reset());

const CHAT = '/v1/chat/completions';
const MESSAGES = [{ role: 'user', content: 'Count.' }];

const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

/** What the gateway says of the answers to a key, when it has said so much. */
async function toldOf(id: string, count = 1): Promise<readonly UsageEvent[]> {
  return eventually(
    async () => told.filter(({ key_id }) => key_id === id),
    (events) => events.length >= count,
  );
}

describe('a request that is denied', () => {
  it('is told with its reason, and costs nothing', async () => {
    const { id, key } = await edge.stack.admin.createKey();
    const ask = (body: object | string, path = CHAT) => edge.ask(path, body, as(key));
    await ask({ model: 'nope', messages: MESSAGES, stream: true });
    await ask('{');
    await ask({ model: 'sonnet' }, '/v1/embeddings');
    await edge.stack.admin.call('POST', `/api/api-keys/${id}/disable`, {});
    const last = await ask({ model: 'fake', messages: MESSAGES });
    const denials = await toldOf(id, 4);
    const zero = { kind: 'denied', outcome: 'denied', cost_nanos: '0', input_tokens: 0, provider: null };
    expect(denials).toMatchObject([
      { ...zero, code: 'model_not_found', status: 404, model: 'nope', stream: true, endpoint: CHAT },
      { ...zero, code: 'invalid_request', status: 400, model: '', stream: false },
      { ...zero, code: 'model_not_found', status: 404, model: 'sonnet', endpoint: '/v1/embeddings' },
      { ...zero, code: 'key_disabled', status: 401, request_id: last.headers.get('x-request-id') },
    ]);
    const { requests, usage } = (await (await edge.stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as {
      requests: number;
      usage: string;
    };
    expect({ requests, usage }).toEqual({ requests: 0, usage: '0.00' });
  });

  it('is told of under the name of the gateway, whatever the client calls it', async () => {
    const { id, key } = await edge.stack.admin.createKey();
    const headers = { ...as(key).headers, 'x-request-id': 'req_of_mine' };
    for (let i = 0; i < 2; i++) await edge.ask(CHAT, { model: 'nope' }, { headers });
    const ids = (await toldOf(id, 2)).map(({ request_id }) => request_id);
    expect(new Set(ids).size).toBe(2);
  });

  it('by the provider is not one of ours: it was forwarded, and has its row', async () => {
    edge.one.control.always({ status: 400 });
    const { id, key } = await edge.stack.admin.createKey();
    await edge.ask(CHAT, { model: 'fake', messages: MESSAGES }, as(key));
    expect(await toldOf(id)).toMatchObject([{ kind: 'final', outcome: 'provider_error', status: 400, code: null }]);
  });

  it('because nobody knows the key is nobody’s', async () => {
    const before = told.length;
    await edge.ask(CHAT, { model: 'fake', messages: MESSAGES }, as('kw_nope'));
    const { id, key } = await edge.stack.admin.createKey();
    await edge.ask(CHAT, { model: 'nope' }, as(key));
    await toldOf(id);
    expect(told.slice(before)).toHaveLength(1);
  });
});
