import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { firstValueFrom, timeout } from 'rxjs';
import { chat, type Stack, startStack } from '../stack.js';

let stack: Stack;
let raw: NatsConnection;
let credentials: { servers: string; user: string; pass: string };
beforeAll(async () => {
  stack = await startStack();
  const { host, username, password } = new URL(stack.servers.nats);
  credentials = { servers: host, user: username, pass: password };
  raw = await connect(credentials);
});
afterAll(async () => {
  await raw?.close();
  await stack?.stop();
});

type Reply = { data?: Record<string, unknown>; error?: { code: string; details: Record<string, unknown> } };

/** As `nats req <subject> '<json>'` does it. */
async function ask(subject: string, payload: unknown): Promise<Reply> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return (await raw.request(subject, text, { timeout: 3000 })).json();
}

describe('a service of any language, on the bus', () => {
  it('makes a key, verifies it, sees it work at the edge, and deletes it', async () => {
    const { data: made } = await ask('keyward.keys.create', { name: 'from the bus' });
    expect(made).toMatchObject({
      name: 'from the bus',
      created_by: 'service:unknown',
      key: expect.stringMatching(/^kw_/),
    });
    const [id, key] = [made?.id as string, made?.key as string];
    expect((await ask('keyward.keys.verify', { key })).data).toMatchObject({ valid: true, code: 'valid', key_id: id });
    expect((await chat(stack.url, key)).status).toBe(200);

    const { data } = await ask('keyward.keys.delete', { key_id: id });
    expect(data).toMatchObject({ id, receipt: { gateways: 1, acknowledged: 1 } });
    expect((await chat(stack.url, key)).status).toBe(401);
    expect((await ask('keyward.keys.verify', { key })).data).toMatchObject({
      valid: false,
      code: 'invalid_api_key',
      key_id: null,
    });
  });

  it('needs not name its organization where there is only one', async () => {
    const { data } = await ask('keyward.keys.list', '');
    expect(data?.keys).toBeInstanceOf(Array);
  });

  it.each([
    ['no JSON', 'keyward.keys.get', '{', undefined],
    ['a field that is not there', 'keyward.keys.list', '{"limitt":1}', 'limitt'],
    ['a value out of bounds', 'keyward.keys.list', '{"limit":1000}', 'limit'],
    ['an id of the wrong kind', 'keyward.keys.get', '{"key_id":"prj_01JD3Q0YV6Z0C7M1W8K2R5T9XA"}', 'key_id'],
    ['nothing where something is needed', 'keyward.keys.verify', '{}', 'key'],
    ['a list', 'keyward.usage.totals', '[]', undefined],
  ])('is answered, and told the field: %s', async (_, subject, payload, param) => {
    const { error } = await ask(subject, payload);
    expect(error?.code).toBe('invalid_request');
    expect(error?.details.param).toBe(param);
  });

  it('that is written with Nest gets its answers from a client with default settings', async () => {
    const client = ClientProxyFactory.create({ transport: Transport.NATS, options: credentials });
    try {
      const list = await firstValueFrom(client.send('keyward.keys.list', {}).pipe(timeout(3000)));
      expect(list.keys).toBeInstanceOf(Array);
      const refused = firstValueFrom(client.send('keyward.keys.get', { key_id: 'nonsense' }).pipe(timeout(3000)));
      await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
    } finally {
      await client.close();
    }
  });

  it.each(['keyward-keys', 'keyward-usage', 'keyward-policy'])(
    'finds %s, and the schemas of its calls',
    async (name) => {
      const info = (await raw.request(`$SRV.INFO.${name}`, '', { timeout: 3000 })).json<{
        endpoints: { subject: string; metadata: Record<string, string> }[];
      }>();
      expect(info.endpoints.length).toBeGreaterThan(0);
      for (const { metadata } of info.endpoints)
        expect(JSON.parse(metadata.request_schema ?? '')).toHaveProperty('type', 'object');
      expect((await raw.request(`$SRV.PING.${name}`, '', { timeout: 3000 })).json()).toMatchObject({ name });
      expect((await raw.request(`$SRV.STATS.${name}`, '', { timeout: 3000 })).json()).toMatchObject({ name });
    },
  );
});
