import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chat, type Stack, startStack } from '../stack.js';

let stack: Stack;
let key: string;
beforeAll(async () => {
  stack = await startStack();
  ({ key } = await stack.admin.createKey());
});
afterAll(() => stack?.stop());

const post = (headers: Record<string, string>, body = '{}', path = '/v1/chat/completions') =>
  fetch(stack.url + path, { method: 'POST', headers, body });

describe('a key that is none', () => {
  it('missing: 401, with what to send', async () => {
    const reply = await post({});
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="keyward"');
    expect(await reply.json()).toMatchObject({ error: { type: 'authentication_error', code: 'missing_api_key' } });
  });

  it('P8: unknown, malformed and deleted get the identical 401', async () => {
    const deleted = await stack.admin.createKey();
    await stack.admin.call('DELETE', `/api/api-keys/${deleted.id}`);
    const lastLetter = key.at(-1) === 'a' ? 'b' : 'a';
    const secrets = [
      deleted.key,
      key.slice(0, -1) + lastLetter,
      'kw_short',
      'nonsense',
      "' OR 1=1 --",
      `kw_${'x'.repeat(5000)}`,
    ];
    for (const secret of secrets) {
      const reply = await post({ authorization: `Bearer ${secret}` });
      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toContain('error="invalid_token"');
      expect(await reply.json()).toEqual({
        type: 'error',
        error: {
          message: 'Invalid API key',
          type: 'authentication_error',
          code: 'invalid_api_key',
          param: null,
          details: { error_code: 'invalid_api_key' },
        },
        request_id: reply.headers.get('x-request-id'),
      });
    }
  });

  it.each([
    ['dos_sk_nope', { error: { message: 'Invalid API key', type: 'authentication_error', code: 'invalid_api_key' } }],
    [
      'ex_nope',
      {
        success: false,
        error: { code: 'INVALID_API_KEY', message: 'The provided API key is invalid', details: { key_id: null } },
      },
    ],
    ['osm_nope', { error: true, status: 401, message: 'Invalid API key' }],
  ])('is refused in the words of the profile whose prefix it has: %s', async (secret, body) => {
    const reply = await post({ authorization: `Bearer ${secret}` });
    expect(reply.status).toBe(401);
    expect(await reply.json()).toMatchObject(body);
  });

  it('two different keys in one request are one too many', async () => {
    const reply = await post({ authorization: `Bearer ${key}`, 'x-api-key': 'kw_other' });
    expect(reply.status).toBe(400);
    expect((await post({ 'x-api-key': key }, '{"model":"nope"}')).status).toBe(404);
  });

  it('is never read from the URL', async () => {
    expect((await post({}, '{}', `/v1/chat/completions?key=${key}&api_key=${key}`)).status).toBe(401);
  });
});

describe('a request that is wrong', () => {
  it.each([
    ['no JSON', '{', 400, 'invalid_request'],
    ['no object', '[]', 400, 'invalid_request'],
    ['no model', '{"messages":[]}', 400, 'invalid_request'],
    ['a stream that is no boolean', '{"model":"echo","stream":"yes"}', 400, 'invalid_request'],
    ['a model that is not there', '{"model":"gpt-nope"}', 404, 'model_not_found'],
  ])('%s', async (_, body, status, code) => {
    const reply = await post({ authorization: `Bearer ${key}` }, body);
    expect(reply.status).toBe(status);
    expect(reply.headers.get('x-keyward-error-code')).toBe(code);
    expect(await reply.json()).toMatchObject({ error: { code } });
  });

  it('a provider’s own refusal passes through with its body', async () => {
    const reply = await chat(stack.url, key, { messages: 'none' });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('a body over the limit is refused before it has all arrived', async () => {
    const reply = await post({ authorization: `Bearer ${key}` }, 'x'.repeat(33 * 1024 * 1024));
    expect(reply.status).toBe(413);
  });

  it('a path that is not there', async () => {
    const reply = await fetch(`${stack.url}/v1/nope`, { headers: { authorization: `Bearer ${key}` } });
    expect(reply.status).toBe(404);
    expect(await reply.json()).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('request ids', () => {
  it('a sane one of the client’s is kept, another replaced', async () => {
    const ask = (id: string) => post({ authorization: `Bearer ${key}`, 'x-request-id': id }, '{"model":"nope"}');
    expect((await ask('my-request.1')).headers.get('x-request-id')).toBe('my-request.1');
    const replaced = await ask('a b"c');
    expect(replaced.headers.get('x-request-id')).toMatch(/^req_/);
    expect(replaced.headers.get('request-id')).toBe(replaced.headers.get('x-request-id'));
  });
});
