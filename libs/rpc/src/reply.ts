import { isRefusalCode, REFUSALS, Refused } from '#contracts/refusals';

/** A refusal on the wire. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly request_id: string;
}

export function writeData(data: unknown, nestId?: string): string {
  const answer = data ?? null;
  return JSON.stringify(nestId === undefined ? { data: answer } : { response: answer, isDisposed: true, id: nestId });
}

export function writeError(error: WireError, nestId?: string): string {
  return JSON.stringify(nestId === undefined ? { error } : { err: error, isDisposed: true, id: nestId });
}

/** Whatever was thrown, as the outside may see it: anything but a refusal has no words there. */
export function wireError(thrown: unknown, requestId: string): WireError {
  const refused = thrown instanceof Refused ? thrown : new Refused('internal_error');
  return {
    code: refused.code,
    message: refused.message,
    status: refused.status,
    details: refused.param === undefined ? refused.details : { ...refused.details, param: refused.param },
    request_id: requestId,
  };
}

/** For `Nats-Service-Error`: the catalogue's sentence, since a header must not carry a caller's own words. */
export function headline(error: WireError): string {
  return isRefusalCode(error.code) ? REFUSALS[error.code][2] : REFUSALS.internal_error[2];
}

/** The answer of a service, or its refusal thrown. An answer nobody can read is our fault, not the caller's. */
export function readReply(text: string): unknown {
  const reply = parse(text);
  if (typeof reply === 'object' && reply !== null) {
    if ('error' in reply) throw refusalOf(reply.error);
    if ('data' in reply) return reply.data;
  }
  throw new Refused('internal_error', { cause: new Error('the reply is neither {data} nor {error}') });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refused('internal_error', { cause });
  }
}

function refusalOf(error: unknown): Refused {
  const { code, message, details } = (error ?? {}) as Partial<Record<keyof WireError, unknown>>;
  if (!isRefusalCode(code)) {
    return new Refused('internal_error', { cause: new Error(`the reply has an unknown code: ${String(code)}`) });
  }
  const { param, ...facts } = ((typeof details === 'object' && details) || {}) as Record<string, unknown>;
  return new Refused(code, {
    message: typeof message === 'string' ? message : undefined,
    param: typeof param === 'string' ? param : undefined,
    details: facts,
  });
}
