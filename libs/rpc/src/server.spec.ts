import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Svcm } from '@nats-io/services';
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type ClientProxy, ClientProxyFactory, type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { z } from 'zod';
import { Refused } from '#contracts/refusals';
import { type Asked, type CallContext, rpc, type Serves } from '#contracts/rpc';
import { testBus } from '../../../test/bus.js';
import { connectBus } from './connect.js';
import type { Log } from './log.js';
import { Serve } from './serve.js';
import { BusServer } from './server.js';

const HASH = 'sha256-of-a-secret';

const ShelfRpc = {
  addBook: rpc({
    subject: 'keyward.shelf.add',
    summary: 'Put a book on the shelf.',
    request: z.strictObject({
      title: z.string().min(1).max(20),
      pages: z.int().default(1),
      tags: z.array(z.string()).default([]),
    }),
    reply: z.object({ title: z.string(), pages: z.int() }),
  }),
  listBooks: rpc({
    subject: 'keyward.shelf.list',
    summary: 'Everything on the shelf.',
    request: z.strictObject({}),
    reply: z.object({ books: z.array(z.string()), context: z.unknown(), replica: z.string() }),
  }),
  burnBook: rpc({
    subject: 'keyward.shelf.burn',
    summary: 'Always fails, in the way it is told to.',
    request: z.strictObject({
      how: z.enum(['refused', 'crashed', 'thrown_text', 'misfit', 'huge', 'unspeakable', 'slow']),
    }),
    reply: z.object({ ashes: z.string() }),
  }),
};

const added: string[] = [];
let finished = 0;

function shelf(replica: string) {
  @Serve(ShelfRpc)
  class ShelfHandler implements Serves<typeof ShelfRpc> {
    async addBook(book: Asked<typeof ShelfRpc.addBook>) {
      added.push(book.title);
      return { ...book, secret_hash: HASH };
    }

    async listBooks(_request: object, context: CallContext) {
      return { books: added, context, replica };
    }

    async burnBook({ how }: Asked<typeof ShelfRpc.burnBook>) {
      if (how === 'refused')
        throw new Refused('conflict', { param: 'title', details: { limit: 3 }, cause: new Error(HASH) });
      if (how === 'crashed') throw new TypeError(`cannot read ${HASH}`);
      if (how === 'thrown_text') throw HASH;
      if (how === 'misfit') return { ashes: 7, hash: HASH } as unknown as { ashes: string };
      if (how === 'unspeakable') throw new Refused('conflict', { details: { nanos: 7n, hash: HASH } });
      if (how === 'huge') return { ashes: 'x'.repeat(2_000_000) };
      await new Promise((resolve) => setTimeout(resolve, 200));
      finished++;
      return { ashes: 'late' };
    }
  }

  @Module({ controllers: [ShelfHandler] })
  class ShelfModule {}
  return ShelfModule;
}

const bus = testBus();
const logged: { facts: unknown; message: string }[] = [];
const note = (facts: object, message: string) => void logged.push({ facts, message });
const log: Log = { info: note, warn: note, error: note };

async function startReplica(connection: NatsConnection, replica: string): Promise<INestMicroservice> {
  const strategy = new BusServer({ connection, service: 'keys', version: '1.2.3', contract: ShelfRpc, log });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(shelf(replica), { strategy, logger: false });
  await app.listen();
  return app;
}

describe('a service on the bus', () => {
  let connection: NatsConnection;
  let caller: NatsConnection;
  let nest: ClientProxy;
  let replicas: INestMicroservice[];

  beforeAll(async () => {
    connection = await connectBus({ url: bus.url, name: 'shelf', log });
    caller = await connectBus({ url: bus.url, name: 'caller', log });
    replicas = [await startReplica(connection, 'a'), await startReplica(connection, 'b')];
    nest = ClientProxyFactory.create({
      transport: Transport.NATS,
      options: { servers: bus.servers, user: bus.user, pass: bus.pass },
    });
    await nest.connect();
  });

  afterAll(async () => {
    await nest?.close();
    for (const app of replicas ?? []) await app.close();
    expect(connection.isClosed()).toBe(false);
    await caller?.close();
    await connection?.close();
  });

  const ask = (
    subject: string,
    payload: string | Uint8Array = '',
    beside: Record<string, string> = {},
  ): Promise<Msg> => {
    const written = headers();
    for (const [name, value] of Object.entries(beside)) written.set(name, value);
    return caller.request(subject, payload, { timeout: 2_000, headers: written });
  };
  const answer = async (subject: string, payload?: string | Uint8Array, beside?: Record<string, string>) =>
    (await ask(subject, payload, beside)).json<Record<string, Record<string, unknown>>>();

  it('answers bare JSON with data, and with what the contract names only', async () => {
    const reply = await ask('keyward.shelf.add', '{"title":"Emma"}');
    expect(reply.json()).toEqual({ data: { title: 'Emma', pages: 1 } });
    expect(reply.headers?.get('Nats-Service-Error') ?? '').toBe('');
  });

  it('takes no payload for an empty request', async () => {
    expect((await answer('keyward.shelf.list')).data?.books).toContain('Emma');
  });

  it('answers a Nest client with default settings', async () => {
    const reply = await firstValueFrom(nest.send('keyward.shelf.add', { title: 'Persuasion', pages: 3 }));
    expect(reply).toEqual({ title: 'Persuasion', pages: 3 });
    const refusal = await firstValueFrom(nest.send('keyward.shelf.add', { title: 7 })).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'invalid_request', status: 400, details: { param: 'title' } });
    const crash = await firstValueFrom(nest.send('keyward.shelf.burn', { how: 'crashed' })).catch((error) => error);
    expect(crash).toMatchObject({ code: 'internal_error', status: 500, request_id: expect.any(String) });
    expect(JSON.stringify(crash)).not.toContain(HASH);
    expect(await firstValueFrom(nest.send('keyward.shelf.list', {}))).toMatchObject({ books: expect.any(Array) });
  });

  it.each([
    ['no JSON', '{"title":', undefined],
    ['text', 'hello', undefined],
    ['only blanks', '  ', undefined],
    ['no UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), undefined],
    ['an array', '[{"title":"x"}]', undefined],
    ['null', 'null', undefined],
    ['a number', '42', undefined],
    ['a bottomless array', '['.repeat(200_000), undefined],
    ['a missing field', '{}', 'title'],
    ['a wrong type', '{"title":7}', 'title'],
    ['a wrong type inside', '{"title":"x","tags":["a",1]}', 'tags.1'],
    ['an unknown field', '{"title":"x","colour":"red"}', 'colour'],
    [
      'an unknown field of half a megabyte',
      JSON.stringify({ title: 'x', ['é\r\n'.repeat(100_000)]: 1 }),
      expect.any(String),
    ],
    ['a prototype', '{"title":"x","__proto__":{"a":1}}', '__proto__'],
    ['a too long value', JSON.stringify({ title: 'x'.repeat(500_000) }), 'title'],
    ['an event of a Nest client', '{"pattern":"keyward.shelf.add","data":{"title":"x"}}', expect.any(String)],
  ])('refuses %s, naming the field', async (_what, payload, param) => {
    const before = added.length;
    const reply = await ask('keyward.shelf.add', payload, { 'Keyward-Request-Id': 'bad-1' });
    const { error } = reply.json<{ error: { details: object; message: string } }>();
    expect(error).toMatchObject({ code: 'invalid_request', status: 400, request_id: 'bad-1' });
    expect(error.details).toEqual(param === undefined ? {} : { param });
    expect(error.message.length).toBeLessThan(300);
    expect(reply.headers?.get('Nats-Service-Error')).toBe('The request is not valid.');
    expect(reply.headers?.get('Nats-Service-Error-Code')).toBe('400');
    expect(added.length).toBe(before);
  });

  it('lets a refusal through with its facts, and without its cause', async () => {
    const reply = await ask('keyward.shelf.burn', '{"how":"refused"}', { 'Keyward-Request-Id': 'r-1' });
    expect(reply.json()).toEqual({
      error: {
        code: 'conflict',
        status: 409,
        message: 'This conflicts with what is there already.',
        details: { limit: 3, param: 'title' },
        request_id: 'r-1',
      },
    });
    expect(reply.headers?.get('Nats-Service-Error-Code')).toBe('409');
  });

  it.each(['crashed', 'thrown_text', 'misfit', 'huge', 'unspeakable'])(
    'masks what was not expected: %s',
    async (how) => {
      const reply = await ask('keyward.shelf.burn', JSON.stringify({ how }), { 'Keyward-Request-Id': `mask-${how}` });
      expect(reply.json()).toEqual({
        error: {
          code: 'internal_error',
          status: 500,
          message: 'Something went wrong on our side.',
          details: {},
          request_id: `mask-${how}`,
        },
      });
      expect(reply.string() + JSON.stringify([...(reply.headers ?? [])])).not.toContain(HASH);
      expect(logged).toContainEqual({
        message: expect.stringMatching(/^a (call failed unexpectedly|refusal could not be sent)$/),
        facts: expect.objectContaining({ request_id: `mask-${how}`, subject: 'keyward.shelf.burn' }),
      });
    },
  );

  it('hands the handler what travels beside the body', async () => {
    const deadline = Date.now() + 5_000;
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { data } = await answer('keyward.shelf.list', '', {
      'Keyward-Request-Id': 'req_7',
      'Keyward-Actor': 'member:mem_1',
      'Keyward-Deadline': String(deadline),
      'Idempotency-Key': 'once',
      traceparent,
    });
    expect(data?.context).toEqual({
      requestId: 'req_7',
      actor: 'member:mem_1',
      deadline,
      idempotencyKey: 'once',
      traceparent,
    });
  });

  it('replaces a request id that is no plain token, and takes a caller that names nobody for nobody', async () => {
    const beside = { 'Keyward-Request-Id': 'a b"c', traceparent: 'nonsense' };
    const { data } = await answer('keyward.shelf.list', '', beside);
    expect(data?.context).toEqual({ requestId: expect.stringMatching(/^req_[\dA-Z]{26}$/), actor: 'service:unknown' });
  });

  it.each(['Keyward-Deadline', 'Idempotency-Key', 'Keyward-Actor'])('refuses an unreadable %s', async (header) => {
    const { error } = await answer('keyward.shelf.list', '', { [header]: 'not one' });
    expect(error).toMatchObject({ code: 'invalid_request', details: { param: header } });
  });

  it('does no work whose deadline has passed', async () => {
    const before = added.length;
    const { error } = await answer('keyward.shelf.add', '{"title":"late"}', {
      'Keyward-Deadline': String(Date.now() - 1),
    });
    expect(error).toMatchObject({ code: 'service_unavailable', message: 'The deadline of this request has passed.' });
    expect(added.length).toBe(before);
  });

  it('shares the load between replicas', async () => {
    const replies = await Promise.all(Array.from({ length: 200 }, () => answer('keyward.shelf.list')));
    const byA = replies.filter(({ data }) => data?.replica === 'a').length;
    expect(byA).toBeGreaterThan(40);
    expect(byA).toBeLessThan(160);
  });

  it('is found and counted by the protocol', async () => {
    const discovery = new Svcm(caller as unknown as ConstructorParameters<typeof Svcm>[0]).client({
      maxWait: 500,
      strategy: 'stall',
    });
    const pings = await collect(await discovery.ping('keyward-keys'));
    expect(pings).toHaveLength(2);
    const [info] = await collect(await discovery.info('keyward-keys'));
    const endpoint = info?.endpoints.find(({ subject }) => subject === 'keyward.shelf.add');
    expect(endpoint).toMatchObject({ name: 'addBook', queue_group: 'keyward-keys' });
    expect(JSON.parse(endpoint?.metadata?.request_schema ?? '')).toMatchObject({
      type: 'object',
      required: ['title'],
      additionalProperties: false,
    });
    const errors = async () => {
      const stats = await collect(await discovery.stats('keyward-keys'));
      const burns = stats.flatMap(({ endpoints = [] }) => endpoints.filter(({ name }) => name === 'burnBook'));
      return burns.reduce((sum, { num_errors }) => sum + num_errors, 0);
    };
    const before = await errors();
    await ask('keyward.shelf.burn', '{"how":"crashed"}');
    await ask('keyward.shelf.burn', '{"how":"refused"}');
    expect(await errors()).toBe(before + 2);
  });

  it('finishes what it has begun before it closes, and then is gone', async () => {
    const own = await connectBus({ url: bus.url, name: 'closing', log });
    for (const app of replicas) await app.close();
    replicas = [await startReplica(own, 'last')];
    const slow = ask('keyward.shelf.burn', '{"how":"slow"}');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await replicas.pop()?.close();
    expect(finished).toBe(1);
    expect((await slow).json()).toEqual({ data: { ashes: 'late' } });
    await expect(ask('keyward.shelf.list')).rejects.toThrow();
    expect(own.isClosed()).toBe(false);
    await own.close();
  });

  it('does not start with a call that nobody serves', async () => {
    const contract = { ...ShelfRpc, lend: { ...ShelfRpc.addBook, subject: 'keyward.shelf.lend' } };
    const strategy = new BusServer({ connection, service: 'keys', version: '1.0.0', contract, log });
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(shelf('x'), { strategy, logger: false });
    await expect(app.listen()).rejects.toThrow('nobody serves keyward.shelf.lend');
    await app.close();
  });

  it('does not compile into a handler without one of its methods', () => {
    const handler = class {} as unknown as abstract new () => Serves<typeof ShelfRpc>;
    expect(() => Serve(ShelfRpc)(handler)).toThrow('must have the method addBook');
  });
});

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}
