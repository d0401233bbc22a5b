import type { Key } from '../../api/keys.js';
import { AuditList } from '../../parts/audit-list.js';

export function KeyHistory({ of: { id } }: { readonly of: Key }) {
  return <AuditList query={{ subject: id }} />;
}
