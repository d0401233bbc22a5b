import type { Visitor } from '../people.js';

interface CreatedKey {
  readonly id: string;
  readonly key: string;
  readonly [field: string]: unknown;
}

/** A project of one of the seeds’ profiles, through the doors its users have. */
export interface AProject {
  readonly id: string;
  create(fields?: Record<string, unknown>): Promise<Response>;
  createKey(fields?: Record<string, unknown>): Promise<CreatedKey>;
  key(id: string): Promise<Record<string, unknown>>;
  list(query?: string): Promise<Record<string, unknown>[]>;
  post(path: string, body?: unknown): Promise<Response>;
}

let made = 0;

export async function aProject({ admin }: { admin: Visitor }, profile: string, plan?: string): Promise<AProject> {
  const reply = await admin.call('POST', '/api/projects', { name: `${profile} ${++made}`, profile, plan });
  if (reply.status !== 201) throw new Error(`no project: ${reply.status} ${await reply.text()}`);
  const { id } = (await reply.json()) as { id: string };
  const create: AProject['create'] = (fields = {}) =>
    admin.call('POST', '/api/api-keys', { name: `key ${++made}`, project_id: id, ...fields });
  return {
    id,
    create,
    createKey: async (fields) => {
      const reply = await create(fields);
      if (reply.status !== 201) throw new Error(`no key: ${reply.status} ${await reply.text()}`);
      return (await reply.json()) as CreatedKey;
    },
    key: async (keyId) =>
      (await admin.call('GET', `/api/api-keys/${keyId}`)).json() as Promise<Record<string, unknown>>,
    list: async (query = '') => {
      const reply = await admin.call('GET', `/api/api-keys?project=${id}${query}`);
      return ((await reply.json()) as { data: Record<string, unknown>[] }).data;
    },
    post: (path, body) => admin.call('POST', `/api/api-keys${path}`, body),
  };
}
