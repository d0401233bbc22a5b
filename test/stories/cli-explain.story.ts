import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { rulesAt } from '../rules.js';
import { type Stack, startStack } from '../stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

it('keyward explain says what decides, and sends nothing', async () => {
  const { id, key } = await stack.admin.createKey();
  const put = await rulesAt(stack, `api-keys/${id}`).put([{ type: 'deny_models', models: ['echo'] }]);
  const { rules } = (await put.json()) as { rules: { id: string }[] };
  const command = join(process.cwd(), 'scripts', 'keyward.mjs');
  const child = spawn(process.execPath, [command, 'explain', id, 'echo', '--stream'], {
    env: { PATH: process.env.PATH, KEYWARD_URL: stack.url, KEYWARD_API_KEY: key },
  });
  const [out] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(out).toContain('deny: model_not_allowed');
  expect(out).toContain(`${rules[0]?.id}, of the key, about models`);
  expect(out).toMatch(/budget +not reached/);
});
