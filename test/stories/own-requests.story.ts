import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

const look = (key: string, id: string, method = 'GET') =>
  fetch(`${stack.url}/v1/requests/${id}`, { method, headers: { authorization: `Bearer ${key}` } });

describe('a key’s own request', () => {
  it('is told to its key, with tokens and cost, and to no other key', async () => {
    const { id: keyId, key } = await stack.admin.createKey();
    const other = await stack.admin.createKey();
    const reply = await chat(stack.url, key);
    const id = reply.headers.get('x-request-id') ?? '';
    await reply.text();
    const told = await eventually(
      async () => (await look(key, id)).json() as Promise<Record<string, unknown>>,
      (body) => body.id === id,
      20_000,
    );
    expect(told).toMatchObject({ id, key_id: keyId, model: 'echo', outcome: 'ok', status: 200 });
    expect((await look(other.key, id)).status).toBe(404);
  }, 30_000);

  it('is not found where there is none, and only looked at', async () => {
    const { key } = await stack.admin.createKey();
    expect((await look(key, 'req_01JD3Q0YV6Z0C7M1W8K2R5T9XA')).status).toBe(404);
    expect((await look(key, 'x%00y')).status).toBe(404);
    expect((await look(key, 'req_01JD3Q0YV6Z0C7M1W8K2R5T9XA', 'POST')).status).toBe(405);
  });
});
