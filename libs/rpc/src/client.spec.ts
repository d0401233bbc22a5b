import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { Refused } from '#contracts/refusals';
import { rpc } from '#contracts/rpc';
import { testBus } from '../../../test/bus.js';
import { BusClient } from './client.js';
import { connectBus } from './connect.js';
import type { Log } from './log.js';

const note = () => undefined;
const log: Log = { info: note, warn: note, error: note };

const echo = rpc({
  subject: 'keyward.echo.say',
  summary: 'Says it again.',
  request: z.strictObject({ words: z.string() }),
  reply: z.object({ words: z.string() }),
});
const nobody = rpc({ ...echo, subject: 'keyward.v2.nobody.say' });

describe('a client of the bus', () => {
  let connection: NatsConnection;
  let client: BusClient;
  let heard: Record<string, string>;
  let answer: string;
  let delayMs = 0;

  beforeAll(async () => {
    connection = await connectBus({ url: testBus().url, name: 'echo', log });
    client = new BusClient({ connection, service: 'gateway' });
    connection.subscribe(echo.subject, {
      callback: (_error, msg) => {
        const beside = msg.headers ?? headers();
        heard = Object.fromEntries(beside.keys().map((key) => [key, beside.get(key)]));
        setTimeout(() => !connection.isClosed() && msg.respond(answer), delayMs);
      },
    });
  });

  afterAll(async () => {
    await connection?.close();
  });

  async function refusal(call: Promise<unknown>): Promise<Refused> {
    const error = await call.then(
      () => new Error('it was answered'),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Refused);
    return error as Refused;
  }

  it('gets the data, and says who calls and until when it waits', async () => {
    answer = '{"data":{"words":"hello"}}';
    const before = Date.now();
    expect(await client.call(echo, { words: 'hello' }, { timeoutMs: 500 })).toEqual({ words: 'hello' });
    expect(heard).toMatchObject({
      'Keyward-Actor': 'service:gateway',
      'Keyward-Request-Id': expect.stringMatching(/^req_/),
    });
    expect(Number(heard['Keyward-Deadline']) - before).toBeGreaterThanOrEqual(500);
    expect(Number(heard['Keyward-Deadline']) - before).toBeLessThan(1_000);
  });

  it('passes on what travels beside the body, and never waits longer than its own caller', async () => {
    answer = '{"data":{"words":""}}';
    const deadline = Date.now() + 300;
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await client.call(
      echo,
      { words: '' },
      { requestId: 'r1', actor: 'key:key_1', idempotencyKey: 'k', traceparent, deadline },
    );
    expect(heard).toEqual({
      'Keyward-Request-Id': 'r1',
      'Keyward-Actor': 'key:key_1',
      'Idempotency-Key': 'k',
      'Keyward-Deadline': String(deadline),
      traceparent,
    });
  });

  it('throws the service’s own refusal', async () => {
    const details = { param: 'words', limit: 3 };
    answer = JSON.stringify({
      error: { code: 'conflict', message: 'Say less.', status: 409, details, request_id: 'r' },
    });
    expect(await refusal(client.call(echo, { words: '' }))).toMatchObject({
      code: 'conflict',
      message: 'Say less.',
      param: 'words',
      details: { limit: 3 },
    });
  });

  it.each(['null', '"x"', '7', '[]'])('throws a refusal whatever its details are: %s', async (details) => {
    answer = `{"error":{"code":"conflict","details":${details}}}`;
    expect(await refusal(client.call(echo, { words: '' }))).toMatchObject({
      code: 'conflict',
      message: 'This conflicts with what is there already.',
    });
  });

  it.each(['', 'oops', '{}', '[]', '7', '{"error":null}', '{"error":{"code":"from_the_future"}}'])(
    'takes an answer it does not understand for an internal error: %s',
    async (strange) => {
      answer = strange;
      const { code, details, cause } = await refusal(client.call(echo, { words: '' }));
      expect({ code, details, cause }).toEqual({ code: 'internal_error', details: {}, cause: expect.any(Error) });
    },
  );

  it('finds nobody there: unavailable, at once', async () => {
    const began = Date.now();
    const refused = await refusal(client.call(nobody, { words: '' }));
    expect(refused).toMatchObject({
      code: 'service_unavailable',
      details: { service: 'nobody' },
      cause: expect.any(Error),
    });
    expect(Date.now() - began).toBeLessThan(500);
  });

  it('waits no longer than it was told: unavailable', async () => {
    answer = '{"data":{}}';
    delayMs = 400;
    const began = Date.now();
    const refused = await refusal(client.call(echo, { words: '' }, { timeoutMs: 100 }));
    expect(refused).toMatchObject({
      code: 'service_unavailable',
      details: { service: 'echo' },
      cause: expect.any(Error),
    });
    expect(Date.now() - began).toBeLessThan(350);
    delayMs = 0;
  });

  it('does not ask when its time is already over', async () => {
    heard = {};
    expect(await refusal(client.call(echo, { words: '' }, { deadline: Date.now() - 1 }))).toMatchObject({
      code: 'service_unavailable',
    });
    expect(heard).toEqual({});
  });

  it('refuses to send what is too large, or an idempotency key that is none', async () => {
    expect(await refusal(client.call(echo, { words: 'x'.repeat(2_000_000) }))).toMatchObject({
      code: 'request_too_large',
    });
    expect(await refusal(client.call(echo, { words: '' }, { idempotencyKey: 'a\r\nb' }))).toMatchObject({
      code: 'invalid_request',
      param: 'Idempotency-Key',
    });
  });

  it('is unavailable on a closed connection', async () => {
    const closed = await connectBus({ url: testBus().url, name: 'closed', log });
    await closed.close();
    const refused = await refusal(new BusClient({ connection: closed, service: 'x' }).call(echo, { words: '' }));
    expect(refused).toMatchObject({ code: 'service_unavailable', details: { service: 'echo' } });
  });

  it('goes on trying where nobody listens, says so without the password, and gives up when told', async () => {
    const said: string[] = [];
    const told: Log = { ...log, warn: (facts, message) => void said.push(`${message} ${JSON.stringify(facts)}`) };
    const url = 'nats://w1:hunter2@127.0.0.1:1';
    await expect(connectBus({ url, name: 'x', log: told, signal: AbortSignal.timeout(400) })).rejects.toThrow();
    expect(said).toEqual([expect.stringContaining('NATS cannot be reached yet; trying again')]);
    expect(said[0]).not.toContain('hunter2');
  });
});
