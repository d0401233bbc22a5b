import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas } from './client.js';

export type CreditBalance = Schemas['CreditBalance'];
export type CreditEntry = Schemas['CreditEntry'];
export type NewCredit = Schemas['NewCredit'];

export const credits = infiniteQueryOptions({
  queryKey: ['credits'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) =>
    answer(api.GET('/api/credits', { params: { query: { limit: 50, cursor: pageParam } }, signal })),
  getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  refetchInterval: 10_000,
});

/** The same `once` is one entry, however often it is sent: a lost answer does not pay twice. */
export const addCredit = (body: NewCredit, once: string) =>
  answer(api.POST('/api/credits', { params: { header: { 'Idempotency-Key': once } }, body }));
