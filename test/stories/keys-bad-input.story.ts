import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Stack, startStack } from '../stack.js';

let stack: Stack;
let id: string;
beforeAll(async () => {
  stack = await startStack();
  ({ id } = await stack.admin.createKey({ name: 'the first' }));
});
afterAll(() => stack?.stop());

const soon = () => new Date(Date.now() + 3_600_000).toISOString();
const OTHER_KIND = 'prj_01JD3Q0YV6Z0C7M1W8K2R5T9XA';
const NOBODY = 'key_01JD3Q0YV6Z0C7M1W8K2R5T9XA';

async function refusal(reply: Response): Promise<unknown> {
  expect(reply.headers.get('content-type')).toContain('application/problem+json');
  expect(reply.headers.get('x-request-id')).toMatch(/^req_/);
  const problem = (await reply.json()) as { request_id: string };
  expect(problem.request_id).toBe(reply.headers.get('x-request-id'));
  return problem;
}

const window = (fields: object) => ({ recurring_limit: { amount: '1', every: 1, unit: 'day', ...fields } });

/** What a body may not say, and the field that is named for it: at a creation, and where a change takes it as well. */
const FIELDS: [what: string, fields: Record<string, unknown>, param: string, where?: 'creation'][] = [
  ['a name of nothing', { name: '' }, 'name'],
  ['a name of blanks', { name: '   ' }, 'name'],
  ['a name that is a number', { name: 7 }, 'name'],
  ['a name of 101 letters', { name: 'x'.repeat(101) }, 'name'],
  ['a name of 900,000 letters', { name: 'x'.repeat(900_000) }, 'name'],
  ['a name with a line break', { name: 'a\nb' }, 'name'],
  ['a name with a NUL', { name: 'a\u0000b' }, 'name'],
  ['a name with half a letter', { name: 'a\ud800' }, 'name'],
  ['an unknown scope', { scopes: ['read', 'root'] }, 'scopes.1'],
  ['no scope at all', { scopes: [] }, 'scopes'],
  ['scopes that are no list', { scopes: 'read' }, 'scopes'],
  ['a rate limit of 0', { rate_limit: 0 }, 'rate_limit'],
  ['a negative rate limit', { rate_limit: -1 }, 'rate_limit'],
  ['half a request a minute', { rate_limit: 0.5 }, 'rate_limit'],
  ['a rate limit beyond all sense', { rate_limit: 1_000_001 }, 'rate_limit'],
  ['a rate limit in words', { rate_limit: '60' }, 'rate_limit'],
  ['a token limit of 0', { token_limit: 0 }, 'token_limit'],
  ['no requests at once', { max_parallel: 0 }, 'max_parallel'],
  ['negative money', { budget: '-1' }, 'budget'],
  ['negative money as a number', { budget: -0.5 }, 'budget'],
  ['money with ten decimals', { budget: '0.0000000001' }, 'budget'],
  ['a number with ten decimals', { budget: 0.0000000001 }, 'budget'],
  ['a number that no decimal is', { budget: 1e300 }, 'budget'],
  ['more money than there is', { budget: '1'.repeat(19) }, 'budget'],
  ['money in words', { budget: 'ten' }, 'budget'],
  ['money with a currency', { budget: '$10' }, 'budget'],
  ['money that is a list', { budget: [10] }, 'budget'],
  ['a window of 0', window({ every: 0 }), 'recurring_limit.every'],
  ['a window of 13 months', window({ every: 13, unit: 'month' }), 'recurring_limit'],
  ['a window of 367 days', window({ every: 367 }), 'recurring_limit'],
  ['a window of minutes', window({ unit: 'minute' }), 'recurring_limit.unit'],
  ['a negative amount a day', window({ amount: '-1' }), 'recurring_limit.amount'],
  ['an amount a day that is none', window({ amount: 'x' }), 'recurring_limit.amount'],
  ['a window with a field of its own', window({ align: 'nowhere' }), 'recurring_limit.align'],
  ['a window without an amount', { recurring_limit: { every: 1, unit: 'day' } }, 'recurring_limit.amount'],
  ['an expiry in the past', { expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
  ['a date in the past', { expires_at: '2020-12-31' }, 'expires_at'],
  ['a date that is none', { expires_at: '2031-02-30' }, 'expires_at'],
  ['a time without a zone', { expires_at: '2031-01-01T00:00:00' }, 'expires_at'],
  ['the end of time', { expires_at: '9999-12-31' }, 'expires_at'],
  ['an expiry in words', { expires_at: 'tomorrow' }, 'expires_at'],
  ['a TTL of 0', { ttl: { value: 0, unit: 'days' } }, 'ttl.value', 'creation'],
  ['a TTL of half a day', { ttl: { value: 0.5, unit: 'days' } }, 'ttl.value', 'creation'],
  ['a TTL of eleven years', { ttl: { value: 4015, unit: 'days' } }, 'ttl', 'creation'],
  ['a TTL in months', { ttl: { value: 1, unit: 'months' } }, 'ttl.unit', 'creation'],
  ['both a TTL and an expiry', { ttl: { value: 1, unit: 'days' }, expires_at: soon() }, 'ttl', 'creation'],
  ['a tag with a blank in its name', { tags: { 'a b': 'c' } }, 'tags.a b'],
  ['a tag of 257 letters', { tags: { a: 'x'.repeat(257) } }, 'tags.a'],
  ['a tag with a NUL', { tags: { a: '\u0000' } }, 'tags.a'],
  ['tags that are a list', { tags: ['a'] }, 'tags'],
  ['twenty-one tags', { tags: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`t${i}`, ''])) }, 'tags'],
  ['a project of another kind', { project_id: NOBODY }, 'project_id', 'creation'],
  ['an unknown field', { budgget: '10' }, 'budgget'],
  ['a field the service sets', { status: 'active' }, 'status'],
];

describe('a new key cannot have', () => {
  it.each(FIELDS)('%s', async (_, fields, param) => {
    const reply = await stack.admin.call('POST', '/api/api-keys', { name: 'never', ...fields });
    expect(await refusal(reply)).toMatchObject({ status: 400, code: 'invalid_request', param });
  });

  it('the name of another key of its project, in whatever case', async () => {
    const reply = await stack.admin.call('POST', '/api/api-keys', { name: 'The FIRST' });
    expect(await refusal(reply)).toMatchObject({ status: 409, code: 'conflict', param: 'name' });
  });

  it('a project that is not there', async () => {
    const reply = await stack.admin.call('POST', '/api/api-keys', { name: 'lost', project_id: OTHER_KIND });
    expect(await refusal(reply)).toMatchObject({ status: 404, code: 'not_found', param: 'project_id' });
  });

  it('a body of ten megabytes', async () => {
    const reply = await stack.admin.call('POST', '/api/api-keys', { name: 'x'.repeat(10 * 1024 * 1024) });
    expect(await refusal(reply)).toMatchObject({ status: 413, code: 'request_too_large' });
  });

  it('a body that is no JSON, or no object', async () => {
    const send = (body: string, type = 'application/json') =>
      fetch(`${stack.url}/api/api-keys`, {
        method: 'POST',
        headers: { cookie: stack.admin.cookie, 'content-type': type },
        body,
      });
    expect((await send('{')).status).toBe(400);
    expect((await send('[]')).status).toBe(400);
    expect((await send('"x"')).status).toBe(400);
    expect((await send('name=x', 'text/plain')).status).toBe(415);
  });

  it('leaves nothing behind when it is refused', async () => {
    const { data } = (await (await stack.admin.call('GET', '/api/api-keys?q=never')).json()) as { data: unknown[] };
    expect(data).toEqual([]);
  });
});

describe('a key cannot be changed to have', () => {
  it.each(FIELDS.filter(([, , , where]) => where !== 'creation'))('%s', async (_, fields, param) => {
    const reply = await stack.admin.call('PATCH', `/api/api-keys/${id}`, fields);
    expect(await refusal(reply)).toMatchObject({ status: 400, code: 'invalid_request', param });
  });

  it.each(['name', 'scopes'])('%s taken away', async (field) => {
    const reply = await stack.admin.call('PATCH', `/api/api-keys/${id}`, { [field]: null });
    expect(await refusal(reply)).toMatchObject({ status: 400, param: field });
  });

  it('the name of another', async () => {
    const other = await stack.admin.createKey({ name: 'the second' });
    const reply = await stack.admin.call('PATCH', `/api/api-keys/${other.id}`, { name: 'THE first' });
    expect(await refusal(reply)).toMatchObject({ status: 409, code: 'conflict', param: 'name' });
    const own = await stack.admin.call('PATCH', `/api/api-keys/${other.id}`, { name: 'THE second' });
    expect(own.status).toBe(200);
  });
});

describe('actions cannot be asked for with', () => {
  it.each([
    ['enable', { ttl: { value: 0, unit: 'days' } }, 'ttl.value'],
    ['enable', { expires_at: '2020-01-01' }, 'expires_at'],
    ['enable', { ttl: { value: 1, unit: 'days' }, expires_at: soon() }, 'ttl'],
    ['enable', { force: true }, 'force'],
    ['disable', { reason: 'none' }, 'reason'],
    ['rotate', { grace: { value: -1, unit: 'days' } }, 'grace.value'],
    ['rotate', { grace: { value: 31, unit: 'days' } }, 'grace'],
    ['rotate', { grace: 60 }, 'grace'],
    ['rotate/finish', { now: true }, 'now'],
    ['reset-usage', { to: 5 }, 'to'],
  ])('%s %j', async (action, body, param) => {
    const reply = await stack.admin.call('POST', `/api/api-keys/${id}/${action}`, body);
    expect(await refusal(reply)).toMatchObject({ status: 400, code: 'invalid_request', param });
  });

  it.each([
    ['no ids', { action: 'disable', ids: [] }, 'ids'],
    ['101 ids', { action: 'disable', ids: Array.from({ length: 101 }, () => NOBODY) }, 'ids'],
    ['an id twice', { action: 'disable', ids: [NOBODY, NOBODY] }, 'ids'],
    ['an id of another kind', { action: 'disable', ids: [OTHER_KIND] }, 'ids.0'],
    ['an unknown action', { action: 'explode', ids: [NOBODY] }, 'action'],
    ['tags for an action that takes none', { action: 'disable', ids: [NOBODY], tags: {} }, 'tags'],
    ['no tags where they are the point', { action: 'tag', ids: [NOBODY] }, 'tags'],
    [
      'a TTL for an action that takes none',
      { action: 'expire', ids: [NOBODY], ttl: { value: 1, unit: 'days' } },
      'ttl',
    ],
  ])('a batch with %s', async (_, body, param) => {
    const reply = await stack.admin.call('POST', '/api/api-keys/batch', body);
    expect(await refusal(reply)).toMatchObject({ status: 400, code: 'invalid_request', param });
  });
});

describe('an id', () => {
  it.each([
    ['of another kind', OTHER_KIND, 400],
    ['that is none', 'nope', 400],
    ['with SQL in it', "key_'; DROP TABLE api_key; --", 400],
    ['of nobody', NOBODY, 404],
  ])('%s is refused', async (_, bad, status) => {
    const path = `/api/api-keys/${encodeURIComponent(bad)}`;
    for (const [method, to, body] of [
      ['GET', path],
      ['DELETE', path],
      ['PATCH', path, { budget: '1' }],
      ['POST', `${path}/enable`],
      ['POST', `${path}/disable`],
      ['POST', `${path}/rotate`],
      ['POST', `${path}/rotate/finish`],
      ['POST', `${path}/reset-usage`],
    ] as const) {
      const reply = await stack.admin.call(method, to, body);
      expect([method, to, reply.status]).toEqual([method, to, status]);
    }
  });
});

describe('a search', () => {
  it.each(['%', '%%%', '_', '\\', "'", '*', '.*', '(', '[a-z]', '😀'])('for %j takes it as it is', async (q) => {
    const find = async () => {
      const reply = await stack.admin.call('GET', `/api/api-keys?q=${encodeURIComponent(q)}`);
      expect(reply.status).toBe(200);
      return ((await reply.json()) as { data: { name: string }[] }).data.map((key) => key.name);
    };
    expect(await find()).toEqual([]);
    const name = `with ${q} in it`;
    const made = await stack.admin.createKey({ name });
    expect(await find()).toEqual([name]);
    await stack.admin.call('DELETE', `/api/api-keys/${made.id}`);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['sort=secret', 'sort'],
    ['status=lost', 'status'],
    ['limit_state=high', 'limit_state'],
    ['project=key_01JD3Q0YV6Z0C7M1W8K2R5T9XA', 'project'],
    ['expires_before=soon', 'expires_before'],
    ['unused_since=never', 'unused_since'],
    ['unused_since=0000-01-01', 'unused_since'],
    ['q=%00', 'q'],
    ['tag=%00', 'tag'],
    ['created_by=%00', 'created_by'],
    [`q=${'x'.repeat(101)}`, 'q'],
    ['cursor=nonsense', 'cursor'],
    [`cursor=${Buffer.from('["\\u0000","x"]').toString('base64url')}`, 'cursor'],
    ['unknown=1', 'unknown'],
  ])('with %s is refused', async (query, param) => {
    const reply = await stack.admin.call('GET', `/api/api-keys?${query}`);
    expect(await refusal(reply)).toMatchObject({ status: 400, code: 'invalid_request', param });
  });
});
