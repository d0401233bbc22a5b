import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas } from './client.js';
import type { paths } from './schema.gen.js';

export type Model = Schemas['CatalogueModel'];
export type ModelQuery = NonNullable<paths['/api/models']['get']['parameters']['query']>;

export const models = (query: ModelQuery) =>
  infiniteQueryOptions({
    queryKey: ['models', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET('/api/models', { params: { query: { ...query, limit: 100, cursor: pageParam } }, signal })),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export type ModelRules = Schemas['ModelRules'];
export interface NewPrice {
  readonly input_price: string;
  readonly output_price: string;
}

/** The rules that are about a model; with a price that it could have, which of them would decide otherwise then. */
export const rulesOfModel = (id: string, price: NewPrice | null) =>
  queryOptions({
    queryKey: ['rules', 'of-model', id, price],
    queryFn: ({ signal }): Promise<ModelRules> =>
      answer(api.GET('/api/models/{id}/rules', { params: { path: { id }, query: price ?? {} }, signal })),
    placeholderData: keepPreviousData,
  });

export const providers = queryOptions({
  queryKey: ['providers'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/providers', { signal }))).data,
  staleTime: 30_000,
});
