import { Refused } from '#contracts/refusals';
import { JsonObject } from './json-object.js';

/** What the gateway has to know of a request to decide on it; everything else passes through as it came. */
export interface Call {
  readonly model: string;
  readonly stream: boolean;
  /** Whether the client asked for the usage of its stream itself. */
  readonly wantsUsage: boolean;
  readonly body: JsonObject;
}

export function readCall(bytes: Buffer): Call {
  const body = new JsonObject(bytes);
  const model = body.get('model');
  if (typeof model !== 'string' || model === '') throw invalid('model', 'must be the name of a model');
  const stream = body.get('stream') ?? false;
  if (typeof stream !== 'boolean') throw invalid('stream', 'must be true or false');
  return { model, stream, wantsUsage: stream && streamOptions(body).include_usage === true, body };
}

/**
 * What the provider gets: the client's own bytes, but for what has to be different for the bill (the usage of a stream)
 * or for the route (the provider's name of the model).
 */
export function bodyFor({ model, stream, wantsUsage, body }: Call, upstreamModel: string): Buffer {
  return body.with({
    ...(upstreamModel === model ? {} : { model: upstreamModel }),
    ...(stream && !wantsUsage ? { stream_options: { ...streamOptions(body), include_usage: true } } : {}),
  });
}

function streamOptions(body: JsonObject): Record<string, unknown> {
  const options = body.get('stream_options') ?? {};
  if (typeof options !== 'object' || Array.isArray(options)) throw invalid('stream_options', 'must be an object');
  return options as Record<string, unknown>;
}

function invalid(param: string, problem: string): Refused {
  return new Refused('invalid_request', { message: `${param} ${problem}`, param });
}
