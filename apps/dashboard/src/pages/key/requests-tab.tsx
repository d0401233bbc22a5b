import { useState } from 'react';
import type { Key } from '../../api/keys.js';
import { RequestDetail } from '../requests/request-detail.js';
import { RequestList } from '../requests/request-list.js';

export function RequestsTab({ of: { id } }: { readonly of: Key }) {
  const [opened, open] = useState<string | null>(null);
  return (
    <>
      <RequestList query={{ key: id }} open={open} withoutKey />
      {opened && <RequestDetail id={opened} close={() => open(null)} />}
    </>
  );
}
