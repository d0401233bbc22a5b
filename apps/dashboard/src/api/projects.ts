import { queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas, seen } from './client.js';

export type Project = Schemas['Project'];

/** All of them: an organization has few, and the menu shows every one. */
export const projects = queryOptions({
  queryKey: ['projects'],
  queryFn: async ({ signal }): Promise<Project[]> => {
    const found: Project[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await answer(api.GET('/api/projects', { params: { query: { limit: 100, cursor } }, signal }));
      found.push(...page.data);
      if (page.next_cursor === null || found.length >= 1000) return found;
      cursor = page.next_cursor;
    }
  },
});

export const plans = queryOptions({
  queryKey: ['plans'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/plans', { signal }))).data,
  staleTime: 60_000,
});

export const readProject = (id: string) => answer(api.GET('/api/projects/{id}', { params: { path: { id } } }));
export const createProject = (body: Schemas['NewProject']) => answer(api.POST('/api/projects', { body }));
export const updateProject = (of: Project, body: Schemas['ProjectChange']) =>
  answer(api.PATCH('/api/projects/{id}', { params: { path: { id: of.id }, header: seen(of) }, body }));
export const deleteProject = ({ id }: Project) =>
  answer(api.DELETE('/api/projects/{id}', { params: { path: { id } } }));
