import type { Organization as OrganizationView } from '#contracts/people';
import type { Organization } from './entities.js';

export function organizationView({
  id,
  name,
  leakPolicy,
  prepaid,
  createdAt,
  revision,
}: Organization): OrganizationView {
  return {
    id,
    name,
    leak_policy: leakPolicy,
    prepaid,
    created_at: createdAt.toISOString(),
    revision: Number(revision),
  };
}
