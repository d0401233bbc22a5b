import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from '../api/problem.js';
import { isAtWork, SESSION } from '../api/session.js';

/** What the pages have read. A session that has ended is found out by whichever of them asks first. */
export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof ApiProblem && error.code === 'unauthenticated' && !isAtWork())
        queries.setQueryData(SESSION, null);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 2000,
      retry: (failures, error) => failures < 2 && error instanceof ApiProblem && error.isPassing,
      retryDelay: (attempt) => 400 * 2 ** attempt,
      // Whether we are reachable is for the server to say, not for the network card.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
