import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EdgeStack, startEdge } from '../edge.js';
import { RawClient } from '../fake-upstream/raw-client.js';
import { eventually } from '../stack.js';

const KB = 1024;
const close = 'connection: close';
const GB = 1024 ** 3;

let edge: EdgeStack;
beforeAll(async () => {
  edge = await startEdge({ env: { KEYWARD_CLIENT_IDLE_MS: '1500' } });
});
afterAll(() => edge?.stop());
beforeEach(() => edge.reset());

const CHAT = '/v1/chat/completions';
const BODY = JSON.stringify({ model: 'fake', messages: [{ role: 'user', content: 'Count.' }] });

/** Told to the request log, it would fit into no message on the bus, and nothing behind it would arrive. */
const LONG = `{"model":"${'x'.repeat(2 * KB * KB)}","messages":[]}`;
const DEEP = `{"a":${'['.repeat(20_000)}`;

/** A request of which every line is ours to bend. */
function raw({
  line = `POST ${CHAT} HTTP/1.1`,
  headers = [] as string[],
  body = BODY,
  credential = true,
} = {}): string {
  const usual = ['host: gateway', ...(credential ? [`authorization: Bearer ${edge.key}`] : [])];
  return `${[line, ...usual, ...headers].join('\r\n')}\r\n\r\n${body}`;
}
const length = (body = BODY) => `content-length: ${Buffer.byteLength(body)}`;

/** Everything that comes until the gateway closes; it has to, and in its own time. */
async function answerTo(text: string): Promise<string> {
  const client = await RawClient.open(edge.url);
  client.write(text);
  return client.end();
}
const statusesIn = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

/** After everything below: it is there, and nothing of it was taken for something else. */
async function isWell(): Promise<void> {
  expect((await edge.ask(CHAT, BODY)).status).toBe(200);
}

describe('P17: what is no request as HTTP has it', () => {
  it.each<[string, () => string, number]>([
    ['a Transfer-Encoding nobody knows', () => raw({ headers: ['transfer-encoding: cow', close] }), 400],
    [
      'one that ends in something else than chunked',
      () => raw({ headers: ['transfer-encoding: chunked, gzip', close] }),
      400,
    ],
    [
      'one that packs what is chunked',
      () => raw({ headers: ['transfer-encoding: gzip, chunked', close], body: '1\r\n{\r\n0\r\n\r\n' }),
      400,
    ],
    [
      'Transfer-Encoding and Content-Length',
      () => raw({ headers: ['transfer-encoding: chunked', length(), close] }),
      400,
    ],
    [
      'Content-Length and Transfer-Encoding',
      () => raw({ headers: [length(), 'transfer-encoding: chunked', close] }),
      400,
    ],
    ['two Content-Lengths that differ', () => raw({ headers: [length(), 'content-length: 3', close] }), 400],
    ['two Content-Lengths that agree', () => raw({ headers: [length(), length(), close] }), 400],
    ['a Content-Length that is no number', () => raw({ headers: ['content-length: 1e3', close] }), 400],
    ['a negative Content-Length', () => raw({ headers: ['content-length: -1', close] }), 400],
    [
      'a chunk size that is no number',
      () => raw({ headers: ['transfer-encoding: chunked', close], body: 'zz\r\n{}\r\n0\r\n\r\n' }),
      400,
    ],
    [
      'a chunk size beyond every number',
      () => raw({ headers: ['transfer-encoding: chunked', close], body: 'fffffffffffffffff\r\n{}' }),
      400,
    ],
    [
      'chunks that say more of themselves than they hold',
      () =>
        raw({ headers: ['transfer-encoding: chunked', close], body: `2;${'x'.repeat(20 * KB)}\r\n{}\r\n0\r\n\r\n` }),
      413,
    ],
    [
      'a header over two lines',
      () => raw({ headers: [length(), 'x-a: b', ' authorization: Bearer other', close] }),
      400,
    ],
    ['a space before the colon', () => raw({ headers: [length(), 'x-api-key : other', close] }), 400],
    ['a NUL in a header', () => raw({ headers: [length(), 'x-a: b\0c', close] }), 400],
    ['headers without end', () => raw({ headers: [`x-a: ${'y'.repeat(64 * KB)}`] }), 431],
    ['a thousand headers', () => raw({ headers: Array.from({ length: 2000 }, (_, i) => `x-${i}: yyyyyyyyyy`) }), 431],
    ['a line that is not HTTP', () => 'hello\r\n\r\n', 400],
    ['TLS, where there is none', () => '\x16\x03\x01\x02\x00\x01\x00', 400],
    ['a version that never was', () => raw({ line: `POST ${CHAT} HTTP/9.9`, headers: [length()] }), 400],
  ])('%s is refused, and reaches nobody', async (_, text, status) => {
    const answer = await answerTo(text());
    expect(statusesIn(answer)).toEqual([status]);
    expect(answer).toContain('x-keyward-error-code: ');
    expect(answer).not.toContain(edge.key);
    expect(edge.one.record.requests).toEqual([]);
    await isWell();
  });
});

it('without a Host, which HTTP wants, there is no answer but 400', async () => {
  const answer = await answerTo(
    `POST ${CHAT} HTTP/1.1\r\nauthorization: Bearer ${edge.key}\r\n${length()}\r\n\r\n${BODY}`,
  );
  expect(statusesIn(answer)).toEqual([400]);
  expect(edge.one.record.requests).toEqual([]);
});

describe('a request that means two things', () => {
  it.each<[string, string[]]>([
    ['two keys in Authorization', ['authorization: Bearer kw_other']],
    ['a key in each of two Authorizations', ['AUTHORIZATION: Bearer same']],
    ['x-api-key twice', ['x-api-key: a', 'x-api-key: b']],
    ['Authorization and another x-api-key', ['x-api-key: kw_other']],
  ])('%s: refused', async (_, headers) => {
    const answer = await answerTo(raw({ headers: [...headers, length(), close] }));
    expect(statusesIn(answer)).toEqual([400]);
    expect(answer).toContain('x-keyward-error-code: invalid_request');
    expect(edge.one.record.requests).toEqual([]);
  });

  it('a key in the query is none', async () => {
    const line = `POST ${CHAT}?api_key=${edge.key}&key=${edge.key}&authorization=Bearer%20${edge.key} HTTP/1.1`;
    const answer = await answerTo(raw({ line, headers: [length(), close], credential: false }));
    expect(statusesIn(answer)).toEqual([401]);
  });

  it.each([
    ['//v1/chat/completions', 404],
    ['/v1//chat/completions', 404],
    ['/v1/../api/api-keys', 404],
    ['/v1/./chat/completions', 404],
    ['/v1/chat%2Fcompletions', 404],
    ['/v1%2Fchat/completions', 404],
    ['/v1/chat/completions/', 404],
    ['/V1/chat/completions', 404],
    ['/v1/chat/completions;x=1', 404],
    ['/v1/chat/completions%00', 404],
  ])('%s is not another way to say a path', async (path, status) => {
    const answer = await answerTo(raw({ line: `POST ${path} HTTP/1.1`, headers: [length(), close] }));
    expect(statusesIn(answer)).toEqual([status]);
    expect(edge.one.record.requests).toEqual([]);
  });

  it('one model for us and another for the provider: refused', async () => {
    const body = '{"model":"fake","messages":[],"mod\\u0065l":"sonnet"}';
    const answer = await answerTo(raw({ headers: [length(body), close], body }));
    expect(statusesIn(answer)).toEqual([400]);
    expect(answer).toContain('stands in the body twice');
  });
});

describe('P17: a body that is a trap', () => {
  it.each([
    ['packed', ['content-encoding: gzip', length()], BODY, 415],
    ['packed twice', ['content-encoding: identity, deflate', length()], BODY, 415],
    ['a gigabyte, as it says', [`content-length: ${GB}`], '{', 413],
    ['deep', [length(DEEP)], DEEP, 400],
    ['a model with a name of two megabytes', [length(LONG)], LONG, 400],
    ['not text', [length('\0\0\0\0')], '\0\0\0\0', 400],
    ['nothing', ['content-length: 0'], '', 400],
  ])('%s: refused before it costs anything', async (_, headers, body, status) => {
    const answer = await answerTo(raw({ headers: [...headers, close], body }));
    expect(statusesIn(answer)).toEqual([status]);
    expect(edge.one.record.requests).toEqual([]);
    await isWell();
  });

  it('without an end, in pieces of one byte, is given up at its limit, and does not fill the memory', async () => {
    const small = await edge.stack.startGateway({ KEYWARD_BODY_LIMIT: String(64 * KB) });
    const client = await RawClient.open(small.url as string);
    client.write(raw({ headers: ['transfer-encoding: chunked'], body: '' }));
    for (let sent = 0; sent < 80; sent++) client.write('1\r\nx\r\n'.repeat(KB));
    expect(await client.end()).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('a hundred connections that begin and never end are all let go, and nobody else notices', async () => {
    const bent = [
      () => `POST ${CHAT} HTTP/1.1\r\nhost: gateway\r\nx-a: `,
      () => raw({ headers: ['content-length: 1000'], body: '{"model":' }),
      () => raw({ headers: ['transfer-encoding: chunked'], body: '5\r\n{"mo' }),
    ];
    const answers = Array.from({ length: 99 }, (_, index) => answerTo((bent[index % 3] as () => string)()));
    await isWell();
    for (const answer of await Promise.all(answers)) expect(statusesIn(answer)[0]).toBeGreaterThanOrEqual(400);
    await isWell();
  });
});

describe('a refusal, while the client is still sending', () => {
  it.each([
    ['a key that is none', CHAT, 'kw_nonsense', 12, 401],
    ['a body that is too large, of the admin API', '/api/api-keys', null, 12, 413],
  ])('reaches it: %s', async (_, path, key, megabytes, status) => {
    const body = `{"name":"${'x'.repeat(megabytes * KB * KB)}"}`;
    const headers = [`authorization: Bearer ${key ?? edge.key}`, 'content-type: application/json', length(body)];
    const client = await RawClient.open(edge.url);
    // It looks at no answer before it has sent everything. Were it hung up on, it would never see one: SDKs then say
    // “Connection error”, and try again.
    client.pause();
    await client.write(raw({ line: `POST ${path} HTTP/1.1`, credential: false, headers, body }));
    client.resume();
    expect(statusesIn(await client.end())).toEqual([status]);
  });

  it('is not waited for without end', async () => {
    const client = await RawClient.open(edge.url);
    client.write(raw({ headers: [`content-length: ${GB}`], body: '{' }));
    expect(statusesIn(await client.end())).toEqual([413]);
  });
});

describe('what HTTP allows and few use', () => {
  it('Expect: 100-continue', async () => {
    const client = await RawClient.open(edge.url);
    client.write(raw({ headers: [length(), 'expect: 100-continue', close], body: '' }));
    await client.until('100 Continue');
    client.write(BODY);
    expect(statusesIn(await client.end())).toEqual([100, 200]);
  });

  it('HTTP/1.0, which ends with its answer', async () => {
    const answer = await answerTo(raw({ line: `POST ${CHAT} HTTP/1.0`, headers: [length()] }));
    expect(statusesIn(answer)).toEqual([200]);
    expect(answer).toContain('one two three');
  });

  it('a URL with a host in it, which decides nothing', async () => {
    const line = `POST http://elsewhere.test${CHAT} HTTP/1.1`;
    expect(statusesIn(await answerTo(raw({ line, headers: [length(), close] })))).toEqual([200]);
    expect(edge.one.record.requests[0]?.header('host')).toBe(new URL(edge.one.url).host);
  });

  it('requests ahead of their answers: one after the other, in their order', async () => {
    edge.one.control.next({ firstByteDelayMs: 300, chunks: ['first'] }, { chunks: ['second'] });
    const answer = await answerTo(raw({ headers: [length()] }) + raw({ headers: [length(), close] }));
    expect(statusesIn(answer)).toEqual([200, 200]);
    expect(answer.indexOf('first')).toBeLessThan(answer.indexOf('second'));
    const [first, second] = edge.one.record.requests;
    expect(second?.at).toBeGreaterThanOrEqual(first?.endedAt ?? Number.POSITIVE_INFINITY);
  });

  it('so many of them that it can only be an attack: the connection ends', async () => {
    edge.one.control.always({ fault: 'hang' });
    const client = await RawClient.open(edge.url);
    client.write(raw({ headers: [length()] }).repeat(200));
    expect(await client.end()).toBe('');
    // The first of them may have been on its way when the last were read; none of the others ever is.
    expect(edge.one.record.requests.length).toBeLessThanOrEqual(1);
    edge.one.control.reset();
    expect((await edge.ask(CHAT, BODY)).status).toBe(200);
  });

  it.each(['CONNECT gateway:443 HTTP/1.1', `TRACE ${CHAT} HTTP/1.1`, 'OPTIONS * HTTP/1.1', `GET ${CHAT} HTTP/1.1`])(
    '%s gets nothing but a no',
    async (line) => {
      const answer = await answerTo(raw({ line, headers: [close, 'upgrade: websocket'], body: '' }));
      for (const status of statusesIn(answer)) expect(status).toBeGreaterThanOrEqual(400);
      expect(edge.one.record.requests).toEqual([]);
    },
  );
});

describe('a connection that was opened ahead and never used', () => {
  it('ends without a word: a no could be taken for the answer to what was sent at that moment', async () => {
    expect(await answerTo('')).toBe('');
  });
});

describe('a request id', () => {
  it.each([
    ['a sane one is kept', 'my-trace.1:2', 'my-trace.1:2'],
    ['one with spaces is not', 'my trace', null],
    ['one that is too long is not', 'x'.repeat(200), null],
    [
      'one that looks like ours is kept, and is still only a name',
      'req_01arz3ndektsv4rrffq69g5fav',
      'req_01arz3ndektsv4rrffq69g5fav',
    ],
  ])('%s', async (_, sent, kept) => {
    const headers = (await edge.ask(CHAT, BODY, { headers: { 'x-request-id': sent } })).headers;
    expect(headers.get('x-request-id')).toBe(kept ?? headers.get('request-id'));
    if (kept === null) expect(headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('that is sent again and again is still charged each time', async () => {
    const { id, key } = await edge.stack.admin.createKey();
    const headers = { 'x-request-id': 'free-please', authorization: `Bearer ${key}` };
    for (let i = 0; i < 3; i++) await (await edge.ask(CHAT, BODY, { headers })).text();
    const view = async () =>
      (await (await edge.stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as { requests: number };
    await eventually(view, ({ requests }) => requests === 3);
  });
});
