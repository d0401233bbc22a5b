import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas, seen } from './client.js';

export type Member = Schemas['Member'];
export type Role = Member['role'];
export type Organization = Schemas['Organization'];

/** For names beside ids; an organization of more people shows the ids of the rest. */
export const members = queryOptions({
  queryKey: ['members'],
  queryFn: async ({ signal }): Promise<Member[]> =>
    (await answer(api.GET('/api/members', { params: { query: { limit: 100 } }, signal }))).data,
  staleTime: 30_000,
});

export const invitations = infiniteQueryOptions({
  queryKey: ['invitations'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) =>
    answer(api.GET('/api/invitations', { params: { query: { limit: 50, cursor: pageParam } }, signal })),
  getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
});

export const readOrganization = (signal?: AbortSignal) => answer(api.GET('/api/organization', { signal }));

export const organization = queryOptions({
  queryKey: ['organization'],
  queryFn: ({ signal }) => readOrganization(signal),
});

export const updateOrganization = (of: Organization, body: Schemas['OrganizationChange']) =>
  answer(api.PATCH('/api/organization', { params: { header: seen(of) }, body }));
export const updateMember = (of: Member, body: Schemas['MemberChange']) =>
  answer(api.PATCH('/api/members/{id}', { params: { path: { id: of.id }, header: seen(of) }, body }));
export const removeMember = ({ id }: Member) => answer(api.DELETE('/api/members/{id}', { params: { path: { id } } }));
export const invite = (body: Schemas['NewInvitation']) => answer(api.POST('/api/invitations', { body }));
export const revokeInvitation = (id: string) =>
  answer(api.DELETE('/api/invitations/{id}', { params: { path: { id } } }));
export const acceptInvitation = (body: Schemas['Acceptance']) => answer(api.POST('/api/invitations/accept', { body }));
