import { refusal } from './refusal.mjs';

/**
 * Whose credentials these are: a person's, with a role, or a key's, with scopes. A key says its id with every answer of
 * the edge; what more there is to it, it may only know with the scope `read`.
 */
export async function identityOf(api) {
  const { kind, headers, isKey = false } = await api.identify();
  if (!isKey) {
    const { member, expires_at } = await api.call('GET', '/api/session');
    return { credentials: kind, member, expires_at };
  }
  const hello = await api.ask('GET', '/v1/models', { headers });
  if (!hello.ok) throw refusal(hello);
  const id = hello.headers.get('x-keyward-key-id');
  const seen = await api.ask('GET', `/api/api-keys/${id}`, { headers });
  return { credentials: kind, key: seen.ok ? seen.body : { id }, expires_at: seen.ok ? seen.body.expires_at : null };
}

/** The same, for people. */
export function factsOf({ credentials, member, key, expires_at }) {
  if (member) {
    const { name, email, organization_id: organization, role } = member;
    return { credentials, member: `${name} <${email}>`, organization, role, expires: expires_at };
  }
  const { id, name, project_id: project, scopes } = key;
  return { credentials, key: name ? `${name}, ${id}` : id, project, scopes, expires: expires_at };
}
