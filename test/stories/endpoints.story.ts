import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EdgeStack, startEdge } from '../edge.js';
import type { FakeUpstream } from '../fake-upstream/fake-upstream.js';
import type { Received } from '../fake-upstream/received.js';

let edge: EdgeStack;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge?.stop());
beforeEach(() => edge.reset());

const PROMPT = [{ role: 'user', content: 'Zähle — 数えて 🎈' }];
const PICTURE = { type: 'image_url', image_url: { url: `data:image/png;base64,${'iVBORw0KGgo'.repeat(50)}` } };

/** What the gateway does not know: it is none of its business, down to the spaces and the digits. */
const UNKNOWN = `"seed": 12345678901234567890, "temperature":1.10e0 ,
  "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"\\u0061":{}}}}}],
  "brand_new":{"deep":[[["\\ud83c\\udf88",null,true,-0.0]]]}`;

const bodyOf = (model: string, fields: object) =>
  `{ "model" : "${model}",${UNKNOWN}, ${JSON.stringify(fields).slice(1, -1)} }`;

/** Each with the provider that serves it, what a client sends, and what of the answer shows that it is the provider's. */
const ENDPOINTS = [
  ['/v1/chat/completions', 'one', 'fake', { messages: [{ role: 'user', content: [PICTURE, ...PROMPT] }] }, 'choices'],
  ['/v1/completions', 'one', 'fake', { prompt: 'Count.' }, 'choices'],
  ['/v1/responses', 'one', 'fake', { input: PROMPT }, 'output'],
  ['/v1/embeddings', 'one', 'fake', { input: ['a', 'b'] }, 'data'],
  ['/v1/messages', 'claude', 'sonnet', { messages: PROMPT, max_tokens: 9 }, 'content'],
] as const;
const STREAMS = ENDPOINTS.filter(([path]) => path !== '/v1/embeddings');

const received = (upstream: FakeUpstream): Received => {
  expect(upstream.record.requests).toHaveLength(1);
  return upstream.record.requests[0] as Received;
};

describe('an endpoint', () => {
  it.each(ENDPOINTS)(
    '%s: what is sent arrives byte for byte, and so does the answer',
    async (path, at, model, fields, shape) => {
      const body = bodyOf(model, fields);
      const reply = await edge.ask(path, body);
      expect(reply.status).toBe(200);
      expect(reply.headers.get('content-type')).toBe('application/json');
      const answer = (await reply.json()) as Record<string, unknown>;
      expect(answer).toHaveProperty(shape);
      const { path: asked, body: sent } = received(edge[at]);
      expect(asked).toBe(path);
      expect(sent.toString('utf8')).toBe(body);
    },
  );

  it.each(STREAMS)(
    '%s: streams, and the usage nobody asked for is asked for and kept',
    async (path, at, model, fields, _shape) => {
      const body = bodyOf(model, { ...fields, stream: true });
      const reply = await edge.ask(path, body);
      expect(reply.headers.get('content-type')).toContain('text/event-stream');
      const text = await reply.text();
      expect(text).toContain('four');
      const asksForUsage = path === '/v1/chat/completions' || path === '/v1/completions';
      // A stream of OpenAI's older endpoints has its usage in a frame of its own, which this client must not see.
      if (asksForUsage) expect(text).not.toContain('"usage":{');
      const sent = received(edge[at]).body.toString('utf8');
      expect(sent).toBe(asksForUsage ? body.replace('{', '{"stream_options":{"include_usage":true},') : body);
      expect(received(edge[at]).outcome).toBe('completed');
    },
  );

  it('asks for a model by the provider’s own name of it, and changes nothing else', async () => {
    const body = bodyOf('org/renamed', { messages: PROMPT });
    const reply = await edge.ask('/v1/chat/completions', body);
    expect(((await reply.json()) as { model: string }).model).toBe('other-name');
    expect(received(edge.one).body.toString('utf8')).toBe(body.replace('org/renamed', 'other-name'));
  });

  it('keeps what the client says of its stream, and adds only the usage', async () => {
    const options = { include_obfuscation: false };
    await (
      await edge.ask('/v1/chat/completions', { model: 'fake', messages: PROMPT, stream: true, stream_options: options })
    ).text();
    expect(received(edge.one).json?.stream_options).toEqual({ include_obfuscation: false, include_usage: true });
  });

  it.each([
    ['/v1/messages', 'fake', '/v1/chat/completions'],
    ['/v1/chat/completions', 'sonnet', '/v1/messages'],
    ['/v1/embeddings', 'sonnet', '/v1/messages'],
  ])('%s does not translate: the model %s is at %s, and the refusal says so', async (path, model, there) => {
    const reply = await edge.ask(path, { model, messages: PROMPT, max_tokens: 1 });
    expect(reply.status).toBe(404);
    const { error } = (await reply.json()) as { error: { code: string; message: string } };
    expect(error).toMatchObject({ code: 'model_not_found' });
    expect(error.message).toContain(`ask ${there}`);
  });

  it('serves a model in both dialects where there are providers of both', async () => {
    const chat = await edge.ask('/v1/chat/completions', { model: 'bilingual', messages: PROMPT });
    const message = await edge.ask('/v1/messages', { model: 'bilingual', messages: PROMPT, max_tokens: 1 });
    expect([chat.status, message.status]).toEqual([200, 200]);
    expect([received(edge.one).path, received(edge.claude).path]).toEqual(['/v1/chat/completions', '/v1/messages']);
  });
});

describe('the headers on the way', () => {
  const SENT = {
    cookie: 'session=secret',
    'x-forwarded-for': '10.0.0.1',
    forwarded: 'for=10.0.0.1',
    'openai-organization': 'org-of-somebody',
    'openai-project': 'proj-of-somebody',
    'openai-beta': 'assistants=v2',
    'anthropic-beta': 'context-1m',
    'x-request-id': 'mine',
    'idempotency-key': 'once',
    'x-stainless-lang': 'js',
    te: 'trailers',
    'accept-encoding': 'gzip',
    'user-agent': 'somebody/1.0',
  };

  it('are named one by one: nothing else of a client’s reaches OpenAI', async () => {
    await edge.ask('/v1/chat/completions', { model: 'fake', messages: PROMPT }, { headers: SENT });
    const { rawHeaders } = received(edge.one);
    const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names.sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'openai-beta',
      'user-agent',
    ]);
    expect(rawHeaders).toEqual(expect.arrayContaining(['Bearer sk-one-of-ours', 'identity', 'assistants=v2']));
    expect(rawHeaders.join()).not.toContain(edge.key);
  });

  it('are Anthropic’s own for Anthropic: its version is the client’s, or one we know', async () => {
    const ask = (headers: Record<string, string>) =>
      edge.ask('/v1/messages', { model: 'sonnet', messages: PROMPT, max_tokens: 1 }, { headers });
    await ask({ ...SENT, 'anthropic-version': '2024-01-01' });
    const [first] = edge.claude.record.requests as [Received];
    expect(first.header('x-api-key')).toBe('sk-claude-of-ours');
    expect(first.header('anthropic-version')).toBe('2024-01-01');
    expect(first.header('anthropic-beta')).toBe('context-1m');
    for (const name of ['authorization', 'cookie', 'openai-beta', 'x-forwarded-for'])
      expect(first.header(name)).toBeNull();
    await ask({});
    expect(edge.claude.record.requests[1]?.header('anthropic-version')).toBe('2023-06-01');
  });

  it('of the provider that are its own business do not reach the client', async () => {
    edge.one.control.always({
      headers: { 'openai-processing-ms': '42', 'x-internal': 'yes', location: 'http://other' },
    });
    const { headers } = await edge.ask('/v1/chat/completions', { model: 'fake', messages: PROMPT });
    expect(headers.get('openai-processing-ms')).toBe('42');
    expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/i);
    for (const [name] of headers)
      expect(name).not.toMatch(/^(set-cookie|openai-organization|x-internal|location|x-ratelimit-.*)$/);
  });
});

describe('/v1/generate', () => {
  it('takes a prompt and gives a text, at the price of a chat', async () => {
    const reply = await edge.ask('/v1/generate', '{"prompt":"Say \\"hi\\"","model":"org/renamed","max_tokens":7}');
    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual({
      id: expect.stringMatching(/^chatcmpl-/),
      model: 'other-name',
      text: 'one two three four five',
      usage: expect.objectContaining({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }),
    });
    const { path, body } = received(edge.one);
    expect(path).toBe('/v1/chat/completions');
    expect(body.toString()).toBe(
      '{"messages":[{"role":"user","content":"Say \\"hi\\""}],"model":"other-name","max_tokens":7}',
    );
  });

  it.each([
    ['no prompt', { model: 'fake' }, 'prompt'],
    ['a prompt that is no text', { model: 'fake', prompt: ['a'] }, 'prompt'],
    ['messages beside it', { model: 'fake', prompt: 'a', messages: [] }, 'messages'],
    ['a stream', { model: 'fake', prompt: 'a', stream: true }, 'stream'],
  ])('refuses %s, and says what it is about', async (_, body, param) => {
    const reply = await edge.ask('/v1/generate', body);
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ error: { code: 'invalid_request', param } });
    expect(edge.one.record.requests).toEqual([]);
  });

  it('passes a provider’s no with its words, and does not take nonsense for an answer', async () => {
    edge.one.control.next({ status: 400 }, { body: '{"hello":"world"}' }, { body: 'not JSON' });
    const ask = () => edge.ask('/v1/generate', { model: 'fake', prompt: 'a' });
    const refused = await ask();
    expect(refused.status).toBe(400);
    expect(JSON.stringify(await refused.json())).toContain('The fake upstream was told to answer 400.');
    for (let i = 0; i < 2; i++) expect((await ask()).status).toBe(502);
  });
});

describe('the models', () => {
  const get = (path: string, method = 'GET') =>
    fetch(edge.url + path, { method, headers: { authorization: `Bearer ${edge.key}` } });

  it('are listed in OpenAI’s shape, and found one by one, also with a slash in the name', async () => {
    const { object, data } = (await (await get('/v1/models')).json()) as { object: string; data: { id: string }[] };
    expect(object).toBe('list');
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['fake', 'also', 'org/renamed', 'sonnet']));
    for (const path of ['/v1/models/org/renamed', '/v1/models/org%2Frenamed']) {
      const model = await (await get(path)).json();
      expect(model).toEqual({ id: 'org/renamed', object: 'model', created: 0, owned_by: 'keyward' });
    }
  });

  it.each([
    ['a name nobody has', '/v1/models/nope', 404, 'model_not_found'],
    ['a name that is not encoded right', '/v1/models/%E0%A4%A', 400, 'invalid_request'],
    ['nothing after the slash', '/v1/models/', 404, 'not_found'],
  ])('%s is refused', async (_, path, status, code) => {
    const reply = await get(path);
    expect(reply.status).toBe(status);
    expect(reply.headers.get('x-keyward-error-code')).toBe(code);
  });

  it('and every other endpoint say which method they take', async () => {
    for (const [method, path, allow] of [
      ['HEAD', '/v1/models', 'GET'],
      ['OPTIONS', '/v1/chat/completions', 'POST'],
      ['GET', '/v1/messages', 'POST'],
      ['DELETE', '/v1/models/fake', 'GET'],
      ['PATCH', '/v1/generate', 'POST'],
    ] as const) {
      const reply = await get(path, method);
      expect([method, path, reply.status, reply.headers.get('allow')]).toEqual([method, path, 405, allow]);
      expect(reply.headers.get('x-keyward-error-code')).toBe('method_not_allowed');
    }
  });
});
