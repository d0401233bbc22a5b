import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schemas } from '../../api/client.js';
import { type Key, keyById, updateKey } from '../../api/keys.js';
import { ApiProblem } from '../../api/problem.js';
import { useChange } from '../../parts/use-change.js';

interface KeyChange {
  save(body: Schemas['KeyPatch']): Promise<void>;
  readonly pending: boolean;
  readonly error: unknown;
  /** As somebody else left it, where that happened while this was being filled in. */
  readonly theirs: Key | null;
}

/** Changes a key as it was seen. Where somebody was faster, theirs is shown, and saving once more means it. */
export function useKeyChange(seenKey: Key, done: () => void): KeyChange {
  const queries = useQueryClient();
  const [theirs, setTheirs] = useState<Key | null>(null);
  const { run, pending, error } = useChange(async (body: Schemas['KeyPatch']) => {
    try {
      return await updateKey(theirs ?? seenKey, body);
    } catch (refusal) {
      if (!(refusal instanceof ApiProblem) || refusal.status !== 412) throw refusal;
      setTheirs(await queries.fetchQuery({ ...keyById(seenKey.id), staleTime: 0 }));
      return null;
    }
  }, 'keys');
  const save = async (body: Schemas['KeyPatch']) => {
    const saved = await run(body);
    if (!saved) return;
    notifications.show({ message: `“${saved.name}” is saved.` });
    done();
  };
  return { save, pending, error, theirs };
}
