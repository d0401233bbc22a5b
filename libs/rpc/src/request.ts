import { Refused } from '#contracts/refusals';

/** What a message asks, and, where a Nest client asks, the id its answer must carry. */
export interface Request {
  readonly body: unknown;
  readonly nestId?: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const NEST_KEYS = new Set(['pattern', 'data', 'id']);

/**
 * A default Nest `ClientProxy` wraps its body as `{pattern, data, id}`; everyone else sends the body itself.
 * Exactly these keys, so that no bare body with fields of the same names is taken for a wrapped one.
 */
export function readRequest(data: Uint8Array): Request {
  const body = data.length === 0 ? {} : parse(data);
  if (!isRecord(body) || typeof body.id !== 'string' || !('pattern' in body)) return { body };
  if (!Object.keys(body).every((key) => NEST_KEYS.has(key))) return { body };
  return { body: body.data ?? {}, nestId: body.id };
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(data));
  } catch {
    throw new Refused('invalid_request', { message: 'The request must be JSON, in UTF-8.' });
  }
}

function isRecord(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}
