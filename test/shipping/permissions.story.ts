import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { chat, emptyServers, eventually, type Stack, startStack } from '../stack.js';
import { passwordOf, type ShippedNats, shippedNats } from './shipped-nats.js';

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

describe('under the permissions that ship, each app with its own user', () => {
  it('a request walks through all four apps, and nothing is refused on the way', async () => {
    const { id, key } = await stack.admin.createKey();
    expect((await chat(stack.url, key)).status).toBe(200);
    const read = async () =>
      (await (await stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as { last_used_at: string | null };
    await eventually(read, (view) => view.last_used_at !== null);

    const verifier = await connect({
      servers: nats.host,
      user: 'verifier',
      pass: passwordOf('verifier'),
      inboxPrefix: '_INBOX_verifier',
    });
    try {
      const asked = JSON.stringify({ key, model: 'echo' });
      const verdict = await verifier.request('keyward.keys.verify', asked, { timeout: 2000 });
      expect(verdict.json()).toMatchObject({ data: { valid: true, key_id: id } });
    } finally {
      await verifier.close();
    }

    const disabled = await stack.admin.call('POST', `/api/api-keys/${id}/disable`);
    expect(await disabled.json()).toMatchObject({ receipt: { gateways: 1, acknowledged: 1 } });
    expect((await chat(stack.url, key)).status).toBe(401);
    expect(nats.log()).not.toMatch(/violation/i);
  });
});
