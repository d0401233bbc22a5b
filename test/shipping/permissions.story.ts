import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { chat, emptyServers, eventually, type Stack, startStack } from '../stack.js';
import { passwordOf, type ShippedNats, shippedNats, type User } from './shipped-nats.js';

let nats: ShippedNats;
let stack: Stack;
beforeAll(async () => {
  nats = await shippedNats();
  const servers = { ...(await emptyServers()), nats: nats.urlOf('keyward-gateway') };
  stack = await startStack({ servers, natsOf: (app) => nats.urlOf(`keyward-${app}`) });
});
afterAll(async () => {
  await stack?.stop();
  await nats?.stop();
});

async function asked(user: User, subject: string, body: object): Promise<{ data: Record<string, unknown> }> {
  const connection = await connect({ servers: nats.host, user, pass: passwordOf(user), inboxPrefix: `_INBOX_${user}` });
  try {
    return (await connection.request(subject, JSON.stringify(body), { timeout: 2000 })).json();
  } finally {
    await connection.close();
  }
}

describe('under the permissions that ship, each app with its own user', () => {
  it('a request walks through all four apps, and nothing is refused on the way', async () => {
    const { id, key } = await stack.admin.createKey();
    expect((await chat(stack.url, key)).status).toBe(200);
    const read = async () =>
      (await (await stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as { last_used_at: string | null };
    await eventually(read, (view) => view.last_used_at !== null);

    const verdict = await asked('verifier', 'keyward.keys.verify', { key, model: 'echo' });
    expect(verdict).toMatchObject({ data: { valid: true, key_id: id } });
    const call = { key, model: 'echo', input_tokens: 10, max_output_tokens: 10 };
    const { data } = await asked('meter', 'keyward.usage.reserve', call);
    const { reservation_id } = data;
    expect(await asked('meter', 'keyward.usage.extend', { reservation_id, expires_in_seconds: 90 })).toMatchObject({
      data: { state: 'open' },
    });
    expect(await asked('meter', 'keyward.usage.settle', { reservation_id, usage: { input_tokens: 9 } })).toMatchObject({
      data: { state: 'settled' },
    });

    const disabled = await stack.admin.call('POST', `/api/api-keys/${id}/disable`);
    expect(await disabled.json()).toMatchObject({ receipt: { gateways: 1, acknowledged: 1 } });
    expect((await chat(stack.url, key)).status).toBe(401);
    expect(nats.log()).not.toMatch(/violation/i);
  });
});
