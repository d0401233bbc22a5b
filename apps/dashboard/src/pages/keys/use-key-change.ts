import { notifications } from '@mantine/notifications';
import type { Schemas } from '../../api/client.js';
import { type Key, readKey, updateKey } from '../../api/keys.js';
import { type Edit, useEdit } from '../../parts/use-edit.js';

/** What people change of a key; the rest follows from what it does. */
const FIELDS = [
  'name',
  'tags',
  'scopes',
  'status',
  'budget',
  'recurring_limit',
  'rate_limit',
  'token_limit',
  'max_parallel',
  'expires_at',
] as const;

export function factsOf(key: Key): Readonly<Record<string, unknown>> {
  return Object.fromEntries(FIELDS.map((field) => [field, key[field]]));
}

/** Saves, says so, and is done. */
export function useKeyChange(seen: Key, done: () => void): Edit<Key, Schemas['KeyPatch'], Key> {
  const edit = useEdit(seen, { save: updateKey, reread: () => readKey(seen.id) }, 'keys');
  const save = async (body: Schemas['KeyPatch']) => {
    const saved = await edit.save(body);
    if (!saved) return undefined;
    notifications.show({ message: `“${saved.name}” is saved.` });
    done();
    return saved;
  };
  return { ...edit, save };
}
