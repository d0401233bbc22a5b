import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas } from './client.js';
import type { paths } from './schema.gen.js';

export type LoggedRequest = Schemas['LoggedRequest'];
export type LoggedRequestWithDecision = Schemas['LoggedRequestWithDecision'];
export type Decision = Schemas['DecisionTrace'];
export type RequestQuery = NonNullable<paths['/api/requests']['get']['parameters']['query']>;

const LIVE_MILLISECONDS = 3000;

/** Newest first. While one looks at the first page it is live; further ones stand still, to be read. */
export const requests = (query: RequestQuery, live = true) =>
  infiniteQueryOptions({
    queryKey: ['requests', 'list', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET('/api/requests', { params: { query: { ...query, limit: 50, cursor: pageParam } }, signal })),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (!live || (state.data?.pages.length ?? 0) > 1 ? false : LIVE_MILLISECONDS),
  });

export const requestById = (id: string) =>
  queryOptions({
    queryKey: ['requests', 'one', id],
    queryFn: ({ signal }) => answer(api.GET('/api/requests/{id}', { params: { path: { id } }, signal })),
    staleTime: 10_000,
  });

export type ImaginedCall = Pick<Schemas['ImaginedCall'], 'key_id' | 'model'> & Partial<Schemas['ImaginedCall']>;

/** Whether a call would be let through now, and what decides; nothing is sent or charged. */
export const explain = (call: ImaginedCall): Promise<Decision> =>
  answer(api.POST('/api/policy/explain', { body: call as Schemas['ImaginedCall'] }));

/** The same, each time somebody looks: it is about this moment. */
export const explained = (call: ImaginedCall) =>
  queryOptions({ queryKey: ['explained', call], queryFn: () => explain(call), staleTime: 0, gcTime: 0 });
