import type { RefusalCode, Refused } from '#contracts/refusals';
import { scrub } from '#runtime/log';

/** How a refusal reads in each profile: pure, one function per format, over the one refusal. */
export type ErrorFormat = 'openai' | 'envelope' | 'flat' | 'problem';

export interface Rendered {
  readonly status: number;
  readonly type: 'application/json' | 'application/problem+json';
  readonly body: Record<string, unknown>;
}

export function render(refused: Refused, status: number, format: ErrorFormat, requestId: string): Rendered {
  const type = format === 'problem' ? 'application/problem+json' : 'application/json';
  const { code, type: kind, details, message, param } = refused;
  // Refusals quote what was asked for, and people put keys where models, fields and paths belong.
  const said = { code, type: kind, details, message: scrub(message), param: param && scrub(param) };
  return { status, type, body: FORMATS[format](said, status, requestId) };
}

type Said = Pick<Refused, 'code' | 'type' | 'details' | 'message' | 'param'>;
type Format = (refused: Said, status: number, requestId: string) => Record<string, unknown>;

const FORMATS: Record<ErrorFormat, Format> = {
  /** Measured to give full detail to the OpenAI and the Anthropic SDKs. */
  openai: ({ message, type, code, param, details }, _, requestId) => ({
    type: 'error',
    error: { message, type, code, param: param ?? null, details: { error_code: code, ...details } },
    request_id: requestId,
  }),
  envelope: ({ message, code, details }, _, requestId) => ({
    success: false,
    error: {
      code: ENVELOPE_CODES[code] ?? code.toUpperCase(),
      message: ENVELOPE_MESSAGES[code] ?? message,
      details: code === 'invalid_api_key' ? { key_id: null, ...details } : details,
    },
    request_id: requestId,
  }),
  flat: ({ message, code, type }, status, requestId) => ({
    error: true,
    status,
    message: type === 'permission_error' || type === 'billing_error' ? `Policy Violation: ${message}` : message,
    code,
    request_id: requestId,
  }),
  problem: ({ message, code, param, details }, status, requestId) => ({
    type: `urn:keyward:error:${code}`,
    title: code,
    status,
    detail: message,
    code,
    ...(param === undefined ? {} : { param }),
    details,
    request_id: requestId,
  }),
};

/** The envelope has names of its own for the three it documents. */
const ENVELOPE_CODES: Partial<Record<RefusalCode, string>> = { key_expired: 'EXPIRED_API_KEY' };
const ENVELOPE_MESSAGES: Partial<Record<RefusalCode, string>> = {
  missing_api_key: 'API key is required',
  invalid_api_key: 'The provided API key is invalid',
  key_expired: 'The API key has expired',
};
