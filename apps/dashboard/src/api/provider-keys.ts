import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas, seen } from './client.js';

export type ProviderKey = Schemas['ProviderKey'];

const path = ({ id }: ProviderKey) => ({ id });

export const providerKeys = infiniteQueryOptions({
  queryKey: ['provider-keys'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) =>
    answer(api.GET('/api/provider-keys', { params: { query: { limit: 50, cursor: pageParam } }, signal })),
  getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
});

export const readProviderKey = (of: ProviderKey) =>
  answer(api.GET('/api/provider-keys/{id}', { params: { path: path(of) } }));
export const createProviderKey = (body: Schemas['NewProviderKey']) => answer(api.POST('/api/provider-keys', { body }));
export const updateProviderKey = (of: ProviderKey, body: Schemas['ProviderKeyChange']) =>
  answer(api.PATCH('/api/provider-keys/{id}', { params: { path: path(of), header: seen(of) }, body }));
export const deleteProviderKey = (of: ProviderKey) =>
  answer(api.DELETE('/api/provider-keys/{id}', { params: { path: path(of) } }));
