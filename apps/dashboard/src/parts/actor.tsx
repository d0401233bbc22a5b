import { useQuery } from '@tanstack/react-query';
import { members } from '../api/people.js';

/** Who it was, by name where we know it. */
export function Actor({ actor }: { readonly actor: string }) {
  const { data = [] } = useQuery(members);
  const [kind, id = ''] = actor.split(':');
  if (kind === 'member') return <>{data.find((member) => member.id === id)?.name ?? 'a former member'}</>;
  return <>{kind === 'key' ? `key …${id.slice(-6)}` : id}</>;
}
