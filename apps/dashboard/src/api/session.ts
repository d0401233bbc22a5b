import { queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas } from './client.js';
import { ApiProblem } from './problem.js';

export type Session = Schemas['Session'];
export const SESSION = ['session'];

/** Who is here; null where nobody has signed in. */
export const session = queryOptions({
  queryKey: SESSION,
  queryFn: ({ signal }): Promise<Session | null> =>
    answer(api.GET('/api/session', { signal })).catch((error: unknown) => {
      if (error instanceof ApiProblem && error.status === 401 && !isAtWork()) return null;
      throw error;
    }),
  staleTime: 60_000,
});

/**
 * Something is open over the page. It may hold what one has typed, or a secret that nobody can show again: whoever’s
 * session has ended is shown out once it is closed.
 */
export function isAtWork(): boolean {
  return document.querySelector('[aria-modal="true"]') !== null;
}

export const signInMethods = queryOptions({
  queryKey: ['sign-in-methods'],
  queryFn: ({ signal }) => answer(api.GET('/api/session/methods', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export function signIn(body: Schemas['SignIn']): Promise<Session> {
  return answer(api.POST('/api/session', { body }));
}

export function signOut(): Promise<unknown> {
  return answer(api.DELETE('/api/session'));
}

export function changePassword(body: Schemas['NewPassword']): Promise<unknown> {
  return answer(api.PUT('/api/session/password', { body }));
}
