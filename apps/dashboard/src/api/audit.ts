import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas } from './client.js';
import type { paths } from './schema.gen.js';

export type AuditEvent = Schemas['AuditEvent'];
export type AuditQuery = NonNullable<paths['/api/audit-events']['get']['parameters']['query']>;

/** Newest first, a page at a time. */
export const auditLog = (query: AuditQuery) =>
  infiniteQueryOptions({
    queryKey: ['audit', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET('/api/audit-events', { params: { query: { ...query, limit: 50, cursor: pageParam } }, signal })),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });

export const verifyAudit = () => answer(api.GET('/api/audit-events/verify'));
