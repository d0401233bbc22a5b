import { Refused } from '#contracts/refusals';
import { capFields, outputCap } from '#domain/usage/estimate';
import type { Route } from '#policy/known-models';
import type { Endpoint } from './endpoints.js';
import { JsonObject } from './json-object.js';

/** What the gateway has to know of a request to decide on it; everything else passes through as it came. */
export interface Call {
  readonly endpoint: Endpoint;
  readonly model: string;
  readonly stream: boolean;
  /** The provider is asked for the usage of a stream, and the client did not ask for it: it never sees it. */
  readonly hidesUsage: boolean;
  readonly body: JsonObject;
}

export function readCall(endpoint: Endpoint, bytes: Buffer): Call {
  const asked = new JsonObject(bytes);
  const body = endpoint.translation ? endpoint.translation.ask(asked) : asked;
  const model = body.get('model');
  if (typeof model !== 'string' || !isName(model)) throw invalid('model', 'must be the name of a model');
  const stream = body.get('stream') ?? false;
  if (typeof stream !== 'boolean') throw invalid('stream', 'must be true or false');
  const hidesUsage = stream && endpoint.asksForUsage && streamOptions(body).include_usage !== true;
  return { endpoint, model, stream, hidesUsage, body };
}

/**
 * What the provider gets: the client's own bytes, but for what has to be different for the bill (the usage of a stream, a
 * cap where money is limited) or for the route (the provider's name of the model).
 */
export function bodyFor(
  { model, hidesUsage, body, endpoint }: Call,
  { upstreamModel, provider }: Route,
  cap: number | null,
): Buffer {
  if (upstreamModel === model && !hidesUsage && cap === null) return body.bytes;
  const caps = cap === null ? [] : capFields(body, endpoint.name, provider.id);
  return body.with({
    ...(upstreamModel === model ? {} : { model: upstreamModel }),
    ...Object.fromEntries(caps.map((name) => [name, cap])),
    ...(hidesUsage ? { stream_options: { ...streamOptions(body), include_usage: true } } : {}),
  });
}

/** The most tokens its answers may have: what it asks for itself, or what it was capped to. A cap of nothing may mean none. */
export function mostOutputOf({ body, endpoint }: Call, cap: number | null): number | null {
  const { tokens, choices } = outputCap(body, endpoint.name);
  const most = (tokens ?? cap ?? 0) * choices;
  return most > 0 ? most : null;
}

function streamOptions(body: JsonObject): Record<string, unknown> {
  const options = body.get('stream_options') ?? {};
  if (typeof options !== 'object' || Array.isArray(options)) throw invalid('stream_options', 'must be an object');
  return options as Record<string, unknown>;
}

/** What could be in the catalogue. It is told to the request log whatever becomes of the call, and no message on the bus has room for megabytes. */
const isName = (model: string) => model !== '' && model.length <= LONGEST_MODEL;
const LONGEST_MODEL = 200;

function invalid(param: string, problem: string): Refused {
  return new Refused('invalid_request', { message: `${param} ${problem}`, param });
}
