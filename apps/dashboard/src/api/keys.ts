import { queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas, seen } from './client.js';
import type { paths } from './schema.gen.js';

export type Key = Schemas['KeyView'];
export type KeyQuery = NonNullable<paths['/api/api-keys']['get']['parameters']['query']>;
export type Batch = Schemas['KeyBatch'];
export type Ttl = Schemas['Ttl'];

/** Figures move while one looks at them. */
const LIVE_MILLISECONDS = 4000;
const path = ({ id }: Pick<Key, 'id'>) => ({ path: { id } });
const pathOfSeen = (key: Key) => ({ path: { id: key.id }, header: seen(key) });

export const keyPage = (query: KeyQuery) =>
  queryOptions({
    queryKey: ['keys', 'page', query] as const,
    queryFn: ({ signal }) => answer(api.GET('/api/api-keys', { params: { query }, signal })),
    // What was found stays until the next is; but nobody acts on the keys of another tab in this one.
    placeholderData: (found, before) => (before?.queryKey[2].status === query.status ? found : undefined),
    refetchInterval: LIVE_MILLISECONDS,
  });

export const readKey = (id: string, signal?: AbortSignal) =>
  answer(api.GET('/api/api-keys/{id}', { params: path({ id }), signal }));

export const keyById = (id: string) =>
  queryOptions({
    queryKey: ['keys', 'one', id],
    queryFn: ({ signal }) => readKey(id, signal),
    refetchInterval: LIVE_MILLISECONDS,
  });

/** As the gateways count them: a minute is short, so it is asked for more often than the rest. */
export const limitsOfKey = (id: string) =>
  queryOptions({
    queryKey: ['keys', 'limits', id],
    queryFn: ({ signal }) => answer(api.GET('/api/api-keys/{id}/limits', { params: path({ id }), signal })),
    refetchInterval: LIVE_MILLISECONDS / 2,
  });

export const createKey = (body: Schemas['NewKey']) => answer(api.POST('/api/api-keys', { body }));
export const updateKey = (key: Key, body: Schemas['KeyPatch']) =>
  answer(api.PATCH('/api/api-keys/{id}', { params: pathOfSeen(key), body }));
export const enableKey = (key: Key, body: Schemas['EnableKey'] = {}) =>
  answer(api.POST('/api/api-keys/{id}/enable', { params: path(key), body }));
export const disableKey = (key: Key) => answer(api.POST('/api/api-keys/{id}/disable', { params: path(key), body: {} }));
export const rotateKey = (key: Key, body: Schemas['RotateKey']) =>
  answer(api.POST('/api/api-keys/{id}/rotate', { params: path(key), body }));
export const finishRotation = (key: Key) =>
  answer(api.POST('/api/api-keys/{id}/rotate/finish', { params: path(key), body: {} }));
export const resetUsage = (key: Key) =>
  answer(api.POST('/api/api-keys/{id}/reset-usage', { params: path(key), body: {} }));
export const deleteKey = (key: Key) => answer(api.DELETE('/api/api-keys/{id}', { params: path(key) }));
export const batchKeys = (body: Batch) => answer(api.POST('/api/api-keys/batch', { body }));
