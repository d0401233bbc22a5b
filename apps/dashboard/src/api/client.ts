import createClient from 'openapi-fetch';
import { ApiProblem, unreachable } from './problem.js';
import type { components, paths } from './schema.gen.js';

export type Schemas = components['schemas'];

/** Longer than the slowest answer of the API, which is a batch of a hundred with its receipt. */
const PATIENCE_MILLISECONDS = 30_000;

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: (request) =>
    fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE_MILLISECONDS)]) }),
});

interface Reply<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** What was asked for, or an `ApiProblem` that says why not. */
export async function answer<Data>(call: Promise<Reply<Data>>): Promise<Data> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw unreachable();
  });
  if (response.ok) return data as Data;
  throw new ApiProblem(
    response.status,
    typeof error === 'object' && error !== null ? error : {},
    response.headers.get('x-request-id'),
  );
}

/** For `If-Match`: the change is meant for what was seen, and not for what somebody else has made of it since. */
export function seen({ revision }: { readonly revision: number }): { 'If-Match': string } {
  return { 'If-Match': `"${revision}"` };
}
