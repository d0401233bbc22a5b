import { Failure } from './failure.mjs';

/** The sentence of a refusal, with what support needs to find it. */
export function refusal({ status, body, requestId }) {
  const said = typeof body === 'object' && body !== null ? body : {};
  const reason = said.detail ?? said.error?.message ?? `it was answered with ${status}`;
  const code = said.code ?? said.error?.code ?? status;
  const facts = [code, said.request_id ?? requestId].filter(Boolean).join(', ');
  return new Failure([502, 503, 504].includes(status) ? 'unreachable' : 'refused', `${reason} (${facts})`);
}
