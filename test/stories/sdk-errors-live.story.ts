import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aProject } from '../conformance/a-project.js';
import { type EdgeStack, startEdge } from '../edge.js';
import type { Scenario } from '../fake-upstream/scenario.js';
import { ANTHROPIC, OPENAI_6, OPENAI_6_RESPONSES, OPENAI_7, OPENAI_7_RESPONSES, SDKS, type Sdk } from '../sdks.js';

let edge: EdgeStack;
beforeAll(async () => {
  edge = await startEdge({ env: { KEYWARD_UPSTREAM_FIRST_BYTE_MS: '300', KEYWARD_BODY_LIMIT: '20000' } });
});
afterAll(() => edge?.stop());
beforeEach(() => edge.reset());

const modelFor = (sdk: Sdk) => (sdk.dialect === 'anthropic' ? 'sonnet' : 'fake');

function always(scenario: Scenario): void {
  edge.one.control.always(scenario);
  edge.claude.control.always(scenario);
}

describe.each(SDKS)('$name, from a gateway', (sdk) => {
  const ask = (fields: Partial<Parameters<Sdk['failing']>[0]> = {}) =>
    sdk.failing({ url: edge.url, key: edge.key, model: modelFor(sdk), ...fields });

  it('hears nothing but the answer on a good day', async () => {
    expect(await ask()).toBeNull();
    expect(await ask({ stream: true })).toBeNull();
  });

  it('that does not know its key', async () => {
    expect(await ask({ key: 'kw_nobody' })).toMatchObject({
      class: 'AuthenticationError',
      status: 401,
      message: expect.stringContaining('Invalid API key'),
      code: 'invalid_api_key',
      asked: 1,
    });
  });

  it.each([
    ['example', 401, 'This API key is disabled.', true],
    ['osm', 403, 'This API key is disabled.', false],
  ])('whose key is disabled, in the words of %s', async (name, status, message, isShown) => {
    const project = await aProject(edge.stack, name);
    const { id, key } = await project.createKey();
    await project.post(`/${id}/disable`);
    const thrown = await ask({ key });
    expect(thrown).toMatchObject({ status, class: sdk.classOf(status), asked: 1 });
    expect(thrown?.header('x-keyward-error-code')).toBe('key_disabled');
    if (isShown || sdk.dialect === 'anthropic') expect(thrown?.message).toContain(message);
  });

  it('that does not have the model', async () => {
    expect(await ask({ model: 'nobody' })).toMatchObject({
      class: 'NotFoundError',
      message: expect.stringContaining('The model "nobody" does not exist.'),
      code: 'model_not_found',
      asked: 1,
    });
  });

  it('that takes no body as large as that', async () => {
    expect(await ask({ fields: { user: 'x'.repeat(30_000) } })).toMatchObject({
      status: 413,
      class: sdk.classOf(413),
      code: 'request_too_large',
      asked: 1,
    });
  });

  it('whose provider finds fault with the request, in the provider’s own words', async () => {
    always({ status: 400 });
    expect(await ask()).toMatchObject({
      class: 'BadRequestError',
      message: expect.stringContaining('The fake upstream was told to answer 400.'),
      asked: 1,
    });
  });

  it('whose provider fails, and asks again', async () => {
    always({ status: 500, headers: { 'retry-after': '0' } });
    expect(await ask()).toMatchObject({ status: 502, class: 'InternalServerError', code: 'upstream_error', asked: 3 });
    expect(edge.one.record.requests.length + edge.claude.record.requests.length).toBe(3);
  });

  it('whose provider says nothing', async () => {
    always({ fault: 'hang' });
    const thrown = await ask();
    expect(thrown).toMatchObject({ status: 504, class: sdk.classOf(504), code: 'upstream_timeout', asked: 3 });
  });
});

describe.each<Sdk>([OPENAI_6, OPENAI_7, OPENAI_6_RESPONSES, OPENAI_7_RESPONSES, ANTHROPIC])(
  'a stream to $name',
  (sdk) => {
    const stream = () => sdk.failing({ url: edge.url, key: edge.key, model: modelFor(sdk), stream: true });

    it.each<Scenario>([
      { fault: 'cut-mid-stream' },
      { fault: 'cut-mid-body' },
      { fault: 'cut-mid-body', sse: 'crlf', chunkBytes: 7 },
      { fault: 'cut-mid-stream', faultAfterChunks: 5 },
    ])('that its provider cuts throws, and says why: %j', async (scenario) => {
      always(scenario);
      const thrown = await stream();
      expect(thrown).toMatchObject({ class: 'APIError', message: expect.stringContaining('The provider failed.') });
      expect(thrown).toMatchObject({ type: 'api_error', code: 'upstream_error', asked: 1 });
      expect(thrown?.events).toBeGreaterThan(0);
    });

    it('that is cut because its key was revoked throws, and says so', async () => {
      always({ fault: 'hang-mid-stream' });
      const { id, key } = await edge.stack.admin.createKey();
      const failing = sdk.failing({ url: edge.url, key, model: modelFor(sdk), stream: true });
      await (sdk.dialect === 'anthropic' ? edge.claude : edge.one).record.waitFor(1);
      await edge.stack.admin.call('DELETE', `/api/api-keys/${id}`);
      expect(await failing).toMatchObject({
        message: expect.stringContaining('Invalid API key'),
        type: 'authentication_error',
      });
    });
  },
);

describe.each<Sdk>([OPENAI_6, OPENAI_7, ANTHROPIC])('an error a provider puts into its stream', (sdk) => {
  it(`reaches ${sdk.name} as it was said`, async () => {
    always({ fault: 'error-in-stream' });
    expect(await sdk.failing({ url: edge.url, key: edge.key, model: modelFor(sdk), stream: true })).toMatchObject({
      class: 'APIError',
      message: expect.stringContaining('The fake upstream was told to fail here.'),
    });
  });
});
