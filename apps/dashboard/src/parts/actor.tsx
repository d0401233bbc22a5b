import { useQuery } from '@tanstack/react-query';
import { type KeyNames, nameOfKey } from '../api/key-names.js';
import { members } from '../api/people.js';

/** Who it was, by name where we know it. */
export function Actor({ actor, keys }: { readonly actor: string; readonly keys?: KeyNames }) {
  const { data = [] } = useQuery(members);
  const [kind, id = ''] = actor.split(':');
  if (kind === 'member') return <>{data.find((member) => member.id === id)?.name ?? 'a former member'}</>;
  return <>{kind === 'key' ? nameOfKey(keys, id) : id}</>;
}
