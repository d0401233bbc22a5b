import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Running } from '#runtime/run';
import { start as startPolicy } from '../../apps/policy/src/main.js';
import { person, visitor } from '../people.js';
import { rulesAt } from '../rules.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let again: Running | undefined;
let organizationRules: ReturnType<typeof rulesAt>;
beforeAll(async () => {
  stack = await startStack();
  organizationRules = rulesAt(stack, 'organization');
});
afterAll(async () => {
  await again?.stop();
  await stack?.stop();
});
afterEach(async () => {
  await organizationRules.put([]);
});

const rulesOf = (id: string) => rulesAt(stack, `api-keys/${id}`);
const codeOf = async (reply: Response) =>
  reply.status === 200 ? 'ok' : ((await reply.json()) as { code?: string; error?: { code: string } }).error?.code;
const ask = async (key: string, fields = {}, url = stack.url) => codeOf(await chat(url, key, fields));
const becomes = (key: string, code: string, fields = {}) =>
  eventually(
    () => ask(key, fields),
    (now) => now === code,
    2000,
  );
const json = async (reply: Response) => (await reply.json()) as Record<string, unknown>;

describe('rules', () => {
  it('are none at first, are replaced as a whole, and a rule that keeps its id is the same rule', async () => {
    const { id } = await stack.admin.createKey();
    const rules = rulesOf(id);
    const nothing = { level: 'key', subject: id, rules: [], revision: 0, updated_at: null };
    expect(await rules.get()).toEqual({ ...nothing, observed: [] });
    // A blank at either end would make it a name that nothing has.
    const first = await rules.put([{ type: 'allow_models', models: [' gpt-4* '] }]);
    expect(first.status).toBe(200);
    const { rules: made, revision } = (await first.json()) as Awaited<ReturnType<typeof rules.get>>;
    expect(made).toEqual([
      {
        id: expect.stringMatching(/^rul_/),
        type: 'allow_models',
        models: ['gpt-4*'],
        status: 'active',
        condition: null,
      },
    ]);
    expect(revision).toBe(1);
    const second = await json(
      await rules.put([
        { type: 'deny_providers', providers: ['x'], status: 'observe' },
        { ...made[0], status: 'inactive' },
      ]),
    );
    expect(second).toMatchObject({ revision: 2, rules: [{ type: 'deny_providers' }, { id: made[0]?.id }] });
    expect(await rules.get()).toMatchObject(second);
  });

  it('are added, changed and taken away one by one, by whoever has seen the newest', async () => {
    const { id } = await stack.admin.createKey();
    const rules = rulesOf(id);
    const added = await rules.add({ type: 'deny_pricing', pricing: { tier: 'paid' } });
    expect(added.status).toBe(201);
    const { rule, revision } = (await added.json()) as { rule: { id: string }; revision: number };
    expect(rule).toMatchObject({ pricing: { tier: 'paid', max_input_price: null, max_output_price: null } });
    expect(revision).toBe(1);
    const path = `/api/api-keys/${id}/iam-rules/${rule.id}`;
    const etag = added.headers.get('etag') ?? '';
    const changed = await stack.admin.call('PATCH', path, { status: 'observe' }, { 'if-match': etag });
    expect(await json(changed)).toMatchObject({ rule: { id: rule.id, status: 'observe' }, revision: 2 });
    expect((await stack.admin.call('DELETE', path, undefined, { 'if-match': etag })).status).toBe(412);
    expect((await stack.admin.call('DELETE', path)).status).toBe(204);
    expect((await stack.admin.call('DELETE', path)).status).toBe(404);
    expect(await rules.get()).toMatchObject({ rules: [], revision: 3 });
  });

  it('are made once, however often the same request comes', async () => {
    const { id } = await stack.admin.createKey();
    const rule = { type: 'deny_models', models: ['x'] };
    const headers = { 'idempotency-key': `rule-${id}` };
    const again = () => stack.admin.call('POST', `/api/api-keys/${id}/iam-rules`, rule, headers);
    expect(await json(await again())).toEqual(await json(await again()));
    expect((await rulesOf(id).get()).rules).toHaveLength(1);
  });

  it.each<[object, string]>([
    [{ type: 'allow_everything' }, 'rules.0.type'],
    [{ type: 'allow_models' }, 'rules.0.models'],
    [{ type: 'allow_models', models: ['x'], providers: ['y'] }, 'rules.0.providers'],
    [{ type: 'allow_models', models: [''] }, 'rules.0.models.0'],
    [{ type: 'deny_models', models: ['  '] }, 'rules.0.models.0'],
    [{ type: 'allow_ips', cidrs: ['192.0.2.1/24'] }, 'rules.0.cidrs.0'],
    [{ type: 'allow_pricing', pricing: { tier: 'cheap' } }, 'rules.0.pricing.tier'],
    [{ type: 'allow_pricing', pricing: { max_input_price: '-1' } }, 'rules.0.pricing.max_input_price'],
    [{ type: 'deny_models', models: ['x'], condition: 'request.user == "x"' }, 'condition'],
    [{ type: 'deny_models', models: ['x'], condition: 'request.stream ==' }, 'condition'],
    [{ type: 'deny_models', models: ['x'], condition: 'x'.repeat(501) }, 'rules.0.condition'],
    [{ type: 'deny_models', models: ['x'], condition: 'now.getHours("Nowhere/Land") < 9' }, 'condition'],
  ])('cannot be kept where they are wrong: %j', async (rule, param) => {
    const { id } = await stack.admin.createKey();
    const reply = await rulesOf(id).put([rule]);
    expect([reply.status, await reply.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'invalid_request', param }),
    ]);
    expect((await rulesOf(id).get()).revision).toBe(0);
  });

  it('are in the audit log: who, whose, which', async () => {
    const { id } = await stack.admin.createKey();
    await rulesOf(id).put([{ type: 'deny_models', models: ['x'] }]);
    const entries = async () =>
      ((await (await stack.admin.call('GET', `/api/audit-events?subject=${id}`)).json()) as { data: object[] }).data;
    const [entry] = await eventually(entries, (data) => data.length > 1);
    expect(entry).toMatchObject({
      action: 'rules.put',
      actor: expect.stringMatching(/^member:/),
      before: { rules: [] },
      after: { rules: [{ type: 'deny_models', models: ['x'] }] },
    });
  });
});

describe('at the edge', () => {
  it('a change counts at three gateways within two seconds, on every level', async () => {
    const gateways = [
      stack.url,
      ...(await Promise.all([stack.startGateway(), stack.startGateway()])).map(({ url }) => url ?? ''),
    ];
    const { id, key } = await stack.admin.createKey();
    const view = await json(await stack.admin.call('GET', `/api/api-keys/${id}`));
    const member = String(view.created_by).replace('member:', '');
    const all = (code: string) =>
      Promise.all(
        gateways.map((url) =>
          eventually(
            () => ask(key, {}, url),
            (now) => now === code,
            2000,
          ),
        ),
      );
    await all('ok');
    for (const where of ['organization', `projects/${view.project_id}`, `members/${member}`, `api-keys/${id}`]) {
      await rulesAt(stack, where).put([{ type: 'deny_models', models: ['echo'] }]);
      await all('model_not_allowed');
      await rulesAt(stack, where).put([]);
      await all('ok');
    }
  });

  it('a refusal names the rule that decided, and its level', async () => {
    const { id, key } = await stack.admin.createKey();
    const { rule } = (await (await rulesOf(id).add({ type: 'allow_models', models: ['o1'] })).json()) as {
      rule: { id: string };
    };
    await becomes(key, 'model_not_allowed');
    const reply = await chat(stack.url, key);
    expect(reply.status).toBe(403);
    expect(reply.headers.get('x-keyward-error-code')).toBe('model_not_allowed');
    expect(await reply.json()).toMatchObject({
      error: {
        message: 'The requested model (echo) is not authorized for this API key.',
        type: 'permission_error',
        param: 'model',
        details: { error_code: 'model_not_allowed', rule_id: rule.id, rule_level: 'key' },
      },
    });
  });

  it('a list of models has only what the key may ask for', async () => {
    const { id, key } = await stack.admin.createKey();
    const listed = async () => {
      const reply = await fetch(`${stack.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
      return ((await reply.json()) as { data: { id: string }[] }).data.map((model) => model.id);
    };
    expect(await listed()).toContain('echo');
    await rulesOf(id).put([{ type: 'deny_providers', providers: ['echo'] }]);
    await eventually(listed, (ids) => !ids.includes('echo'), 2000);
    const one = await fetch(`${stack.url}/v1/models/echo`, { headers: { authorization: `Bearer ${key}` } });
    expect(one.status).toBe(404);
  });

  it('a condition looks at the request', async () => {
    const { id, key } = await stack.admin.createKey({ tags: { team: 'search' } });
    const condition =
      'has(request.max_tokens) && request.max_tokens <= 100 && !request.stream && key.tags.team == "search"';
    await rulesOf(id).put([{ type: 'allow_models', models: ['*'], condition }]);
    await becomes(key, 'condition_not_met');
    expect(await ask(key, { max_tokens: 100 })).toBe('ok');
    expect(await ask(key, { max_tokens: 101 })).toBe('condition_not_met');
    expect(await ask(key, { max_tokens: 100, stream: true })).toBe('condition_not_met');
  });

  it('an address is believed from a proxy of ours, and from nobody else', async () => {
    const trusting = await stack.startGateway({ KEYWARD_TRUSTED_PROXIES: '127.0.0.1' });
    const { id, key } = await stack.admin.createKey();
    await rulesOf(id).put([{ type: 'allow_ips', cidrs: ['198.51.100.0/24'] }]);
    await becomes(key, 'permission_denied');
    const from = async (url: string, forwarded: string) => {
      const headers = {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'x-forwarded-for': forwarded,
      };
      const body = JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 'hi' }] });
      return codeOf(await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body }));
    };
    expect(await from(stack.url, '198.51.100.7')).toBe('permission_denied');
    expect(await from(trusting.url ?? '', '198.51.100.7')).toBe('ok');
    // Written by the client itself, before our proxy wrote down whom it heard it from.
    expect(await from(trusting.url ?? '', '198.51.100.7, 203.0.113.9')).toBe('permission_denied');
  });

  it('rules that are known go on without the policy service, and others are an outage and no refusal', async () => {
    const [known, unknown] = [await stack.admin.createKey(), await stack.admin.createKey()];
    await rulesOf(known.id).put([{ type: 'deny_models', models: ['echo'] }]);
    await becomes(known.key, 'model_not_allowed');
    await stack.apps.policy.stop();
    try {
      expect(await ask(known.key)).toBe('model_not_allowed');
      const reply = await chat(stack.url, unknown.key);
      expect([reply.status, await codeOf(reply)]).toEqual([503, 'service_unavailable']);
    } finally {
      again = await startPolicy(stack.env);
    }
    await becomes(unknown.key, 'ok');
  });
});

describe('nobody widens what they have', () => {
  const as = (secret: string) => (method: string, path: string, body?: object) =>
    fetch(stack.url + path, {
      method,
      headers: { authorization: `Bearer ${secret}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      body: body && JSON.stringify(body),
    });

  it('a key cannot change the rules that bind it, on any level', async () => {
    const maker = await stack.admin.createKey({ scopes: ['admin'] });
    const made = await json(
      await as(maker.key)('POST', '/api/api-keys', { name: `made by ${maker.id}`, scopes: ['admin'] }),
    );
    const view = await json(await stack.admin.call('GET', `/api/api-keys/${maker.id}`));
    const member = String(view.created_by).replace('member:', '');
    const other = await stack.admin.createKey();
    const rules = { rules: [] };
    for (const [secret, of] of [
      [maker.key, 'organization'],
      [maker.key, `projects/${view.project_id}`],
      [maker.key, `members/${member}`],
      [maker.key, `api-keys/${maker.id}`],
      [made.key, `api-keys/${maker.id}`],
      [made.key, `members/${member}`],
    ]) {
      const reply = await as(String(secret))('PUT', `/api/${of}/iam-rules`, rules);
      expect([of, reply.status, await codeOfProblem(reply)]).toEqual([of, 403, 'permission_denied']);
    }
    expect((await as(maker.key)('PUT', `/api/api-keys/${other.id}/iam-rules`, rules)).status).toBe(200);
    expect((await as(maker.key)('PUT', `/api/api-keys/${made.id}/iam-rules`, rules)).status).toBe(200);
  });

  it('a key that was made by a key is bound by its maker’s rules as well', async () => {
    const maker = await stack.admin.createKey({ scopes: ['read', 'write'] });
    const made = await json(await as(maker.key)('POST', '/api/api-keys', { name: `of ${maker.id}`, scopes: ['read'] }));
    expect(await ask(String(made.key))).toBe('ok');
    await rulesOf(maker.id).put([{ type: 'deny_models', models: ['echo'] }]);
    await becomes(String(made.key), 'model_not_allowed');
  });

  it('a key that was made in another project is bound by the rules of the one its maker is in', async () => {
    const project = async (name: string) =>
      String((await json(await stack.admin.call('POST', '/api/projects', { name }))).id);
    const [narrow, free] = [await project('narrow'), await project('free')];
    const maker = await stack.admin.createKey({ project_id: narrow, scopes: ['admin'] });
    const asked = { name: 'escaped', project_id: free, scopes: ['admin'] };
    const made = await json(await as(maker.key)('POST', '/api/api-keys', asked));
    expect(await ask(String(made.key))).toBe('ok');
    await rulesAt(stack, `projects/${narrow}`).put([{ type: 'deny_models', models: ['echo'] }]);
    await becomes(maker.key, 'model_not_allowed');
    await becomes(String(made.key), 'model_not_allowed');
    const reply = await as(String(made.key))('PUT', `/api/projects/${narrow}/iam-rules`, { rules: [] });
    expect([reply.status, await codeOfProblem(reply)]).toEqual([403, 'permission_denied']);
    const again = await json(await as(String(made.key))('POST', '/api/api-keys', { ...asked, project_id: narrow }));
    expect(await ask(String(again.key))).toBe('model_not_allowed');
  });

  it('who is bound by rules gets the secret of no key that is not', async () => {
    const bound = await stack.admin.createKey({ scopes: ['write'] });
    const other = await stack.admin.createKey({ scopes: ['write'] });
    const made = await json(
      await as(bound.key)('POST', '/api/api-keys', { name: `of ${bound.id}`, scopes: ['write'] }),
    );
    const rotate = async (id: unknown) => (await as(bound.key)('POST', `/api/api-keys/${id}/rotate`, {})).status;
    expect(await rotate(other.id)).toBe(200);
    await rulesOf(bound.id).put([{ type: 'deny_models', models: ['echo'] }]);
    expect(await rotate(other.id)).toBe(403);
    expect(await rotate(made.id)).toBe(200);
    expect((await stack.admin.call('POST', `/api/api-keys/${other.id}/rotate`, {})).status).toBe(200);
    await rulesOf(bound.id).put([{ type: 'deny_models', models: ['echo'], status: 'observe' }]);
    expect(await rotate(other.id)).toBe(200);
  });

  it('an admin cannot take off the rules that bind their own keys; an owner can', async () => {
    const invited = await json(
      await stack.admin.call('POST', '/api/invitations', { email: 'ada@keyward.test', role: 'admin' }),
    );
    const credentials = { email: 'ada@keyward.test', password: 'correct-horse-battery' };
    const joined = await visitor(stack.url).call('POST', '/api/invitations/accept', {
      token: invited.token,
      name: 'Ada',
      password: credentials.password,
    });
    expect(joined.status).toBeLessThan(300);
    const ada = await person(stack.url, credentials);
    const path = `/api/members/${ada.member.id}/iam-rules`;
    const rules = { rules: [{ type: 'deny_models', models: ['dear'] }] };
    expect((await stack.admin.call('PUT', path, rules)).status).toBe(200);
    const reply = await ada.call('PUT', path, { rules: [] });
    expect([reply.status, await codeOfProblem(reply)]).toEqual([403, 'forbidden']);
    expect((await stack.admin.call('PUT', path, { rules: [] })).status).toBe(200);
  });

  it('without the scope admin nobody changes rules, and with read everybody sees them', async () => {
    const { id } = await stack.admin.createKey();
    const writer = await stack.admin.createKey({ scopes: ['read', 'write'] });
    expect((await as(writer.key)('GET', `/api/api-keys/${id}/iam-rules`)).status).toBe(200);
    const reply = await as(writer.key)('PUT', `/api/api-keys/${id}/iam-rules`, { rules: [] });
    expect([reply.status, await codeOfProblem(reply)]).toEqual([403, 'permission_denied']);
  });
});

const codeOfProblem = async (reply: Response) => ((await reply.json()) as { code: string }).code;
