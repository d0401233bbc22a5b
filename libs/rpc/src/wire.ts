import type { Event } from '#contracts/event';
import { REFUSALS } from '#contracts/refusals';
import type { Rpc } from '#contracts/rpc';
import { HEADERS } from './context.js';
import { REVISION_HEADER } from './events.js';
import { type JsonSchema, replySchema, requestSchema } from './schema.js';

export interface ServiceContract {
  readonly rpc: Readonly<Record<string, Rpc>>;
  readonly events?: Readonly<Record<string, Event>>;
}

type Json = Record<string, unknown>;

/** The documents for those who speak to the bus without our types, by file name: one for each service, and AsyncAPI. */
export function wireOf(
  contracts: Readonly<Record<string, ServiceContract>>,
  { version }: { readonly version: string },
): Record<string, Json> {
  const documents: Record<string, Json> = {};
  for (const [service, contract] of Object.entries(contracts)) {
    documents[`${service}.json`] = serviceDocument(service, contract);
  }
  documents['asyncapi.json'] = asyncApi(contracts, version);
  return documents;
}

function serviceDocument(service: string, { rpc, events = {} }: ServiceContract): Json {
  return {
    service: `keyward-${service}`,
    calls: mapValues(rpc, ({ subject, summary, request, reply }) => ({
      subject,
      summary,
      request: closed(subject, requestSchema(request)),
      reply: replySchema(reply),
    })),
    events: mapValues(events, ({ subject, summary, payload }) => ({ subject, summary, payload: replySchema(payload) })),
  };
}

function asyncApi(contracts: Readonly<Record<string, ServiceContract>>, version: string): Json {
  const schemas: Json = { Refusal: refusal() };
  const channels: Json = {};
  const operations: Json = {};
  for (const [service, { rpc, events = {} }] of Object.entries(contracts)) {
    for (const [name, call] of Object.entries(rpc)) {
      const id = `${service}.${name}`;
      const request = hoist(`${id}.request`, requestSchema(call.request), schemas);
      const data = hoist(`${id}.reply`, replySchema(call.reply), schemas);
      channels[id] = {
        address: call.subject,
        summary: call.summary,
        messages: { request: { payload: request, headers: REQUEST_HEADERS } },
      };
      channels[`${id}.reply`] = { address: null, messages: { reply: { payload: answerOf(data) } } };
      operations[id] = {
        action: 'receive',
        summary: call.summary,
        channel: pointer('channels', id),
        messages: [pointer('channels', id, 'messages', 'request')],
        reply: {
          channel: pointer('channels', `${id}.reply`),
          messages: [pointer('channels', `${id}.reply`, 'messages', 'reply')],
        },
      };
    }
    for (const [name, told] of Object.entries(events)) {
      const id = `${service}.events.${name}`;
      const payload = hoist(id, replySchema(told.payload), schemas);
      channels[id] = {
        address: told.subject,
        summary: told.summary,
        messages: { event: { payload, headers: EVENT_HEADERS } },
      };
      operations[id] = {
        action: 'send',
        summary: told.summary,
        channel: pointer('channels', id),
        messages: [pointer('channels', id, 'messages', 'event')],
      };
    }
  }
  return {
    asyncapi: '3.0.0',
    info: { title: 'Keyward on NATS', version, license: { name: 'Apache-2.0' } },
    defaultContentType: 'application/json',
    channels,
    operations,
    components: { schemas },
  };
}

const text = (description: string): Json => ({ type: 'string', description });

const REQUEST_HEADERS = {
  type: 'object',
  properties: {
    [HEADERS.requestId]: text('Found again in the answer and in the logs; minted where missing.'),
    [HEADERS.traceparent]: text('W3C trace context.'),
    [HEADERS.idempotencyKey]: text('The same key with the same request is done once.'),
    [HEADERS.deadline]: text('Milliseconds since the epoch; work past it is dropped.'),
    [HEADERS.actor]: text('On whose behalf: member:…, key:… or service:….'),
    [HEADERS.origin]: text('From where, for the audit log; URL-encoded.'),
  },
};

const EVENT_HEADERS = {
  type: 'object',
  properties: { [REVISION_HEADER]: text('Counts up with every change of the service.') },
};

function refusal(): Json {
  return {
    type: 'object',
    required: ['code', 'message', 'status', 'details', 'request_id'],
    properties: {
      code: { type: 'string', enum: Object.keys(REFUSALS) },
      message: { type: 'string' },
      status: { type: 'integer' },
      details: { type: 'object' },
      request_id: { type: 'string' },
    },
  };
}

function answerOf(data: Json): Json {
  return {
    oneOf: [
      { type: 'object', required: ['data'], properties: { data } },
      { type: 'object', required: ['error'], properties: { error: pointer('components', 'schemas', 'Refusal') } },
    ],
  };
}

/**
 * Puts a schema, and those it defines for itself, among the components. What is named in a request is not what is
 * named in an answer, where defaults are filled in; and names made up by zod mean something in one schema only.
 */
function hoist(id: string, schema: JsonSchema, schemas: Json): Json {
  const { definitions = {}, ...own } = schema;
  const nameOf = (name: string): string => {
    if (name.startsWith('__')) return `${id}.${name}`;
    return id.endsWith('.request') ? `${name}.request` : name;
  };
  const repoint = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(repoint);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, key === '$ref' ? aim(each) : repoint(each)]),
    );
  };
  // Inside one document, a `#` means the document.
  const aim = (to: string): string =>
    `#/components/schemas/${to === '#' ? id : nameOf(to.replace('#/definitions/', ''))}`;

  for (const [name, each] of Object.entries(definitions as Json)) {
    const defined = repoint(each);
    const there = schemas[nameOf(name)];
    const same = there === undefined || JSON.stringify(there) === JSON.stringify(defined);
    if (!same) throw new Error(`two schemas have the name ${name}`);
    schemas[nameOf(name)] = defined;
  }
  schemas[id] = repoint(own);
  return pointer('components', 'schemas', id);
}

/** A misspelt field must be refused, not ignored: a limit somebody believes in would not be there. */
function closed(subject: string, schema: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace('#/definitions/', '');
  const root = name === undefined ? schema : (schema.definitions as Record<string, JsonSchema>)[name];
  const shapes = root?.anyOf ?? root?.oneOf ?? [root];
  for (const shape of shapes) {
    if (typeof shape === 'object' && shape.type === 'object' && shape.additionalProperties === undefined) {
      throw new Error(`the request of ${subject} must be a z.strictObject: unknown fields are refused`);
    }
  }
  return schema;
}

function pointer(...path: string[]): Json {
  return { $ref: `#/${path.join('/')}` };
}

function mapValues<In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
