import type { Organization as OrganizationView } from '#contracts/people';
import type { Organization } from './entities.js';

export function organizationView({ id, name, leakPolicy, createdAt, revision }: Organization): OrganizationView {
  return { id, name, leak_policy: leakPolicy, created_at: createdAt.toISOString(), revision: Number(revision) };
}
