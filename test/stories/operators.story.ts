import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Person, signedIn, visitor } from '../people.js';
import { type Stack, startStack } from '../stack.js';

let stack: Stack;
let named: Person;

beforeAll(async () => {
  stack = await startStack({ env: { KEYWARD_OPERATORS: 'else@keyward.test, Operator@Keyward.test' } });
  const wanted = { email: 'operator@keyward.test', role: 'admin' };
  const { token } = (await (await stack.admin.call('POST', '/api/invitations', wanted)).json()) as { token: string };
  const acceptance = { token, name: 'Operator', password: 'correct-horse-battery' };
  await visitor(stack.url).call('POST', '/api/invitations/accept', acceptance);
  const { name: _, token: __, ...credentials } = { ...acceptance, email: wanted.email };
  named = await signedIn(stack.url, await visitor(stack.url).call('POST', '/api/session', credentials));
});
afterAll(() => stack?.stop());

it('where operators are named, they change the catalogue, and no owner and no key does', async () => {
  const alias = (id: string) => ['POST', '/api/models', { id, alias: 'echo' }] as const;
  expect((await named.call(...alias('one'))).status).toBe(201);
  expect((await stack.admin.call(...alias('two'))).status).toBe(403);
  const { key } = await stack.admin.createKey({ scopes: ['admin'] });
  const asKey = { authorization: `Bearer ${key}` };
  expect((await visitor(stack.url).call(...alias('three'), asKey)).status).toBe(403);
  expect(await named.read('/api/models/one')).toMatchObject({ id: 'one', alias: 'echo' });
});
