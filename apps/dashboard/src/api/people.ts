import { queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas } from './client.js';

export type Member = Schemas['Member'];

/** For names beside ids; an organization of more people shows the ids of the rest. */
export const members = queryOptions({
  queryKey: ['members'],
  queryFn: async ({ signal }): Promise<Member[]> =>
    (await answer(api.GET('/api/members', { params: { query: { limit: 100 } }, signal }))).data,
  staleTime: 30_000,
});
