import type { QueryClient } from '@tanstack/react-query';

/** What a query is about: the first word of its key. */
export type Subject =
  | 'keys'
  | 'projects'
  | 'rules'
  | 'members'
  | 'invitations'
  | 'organization'
  | 'credits'
  | 'provider-keys'
  | 'webhooks';

/** What was changed is changed, however long it takes to be read again. */
const PATIENCE_MILLISECONDS = 3000;

/**
 * After a change of ours: what is on the screen is read anew, and what is not is forgotten. Who waits for it and then says
 * “done” says nothing that the page does not show, and no page opens with what was true before.
 */
export async function changed(queries: QueryClient, ...subjects: readonly Subject[]): Promise<void> {
  // What was decided of a call may hang on any of it.
  const read = [...subjects, 'audit', 'explained'].map((subject) => {
    queries.removeQueries({ queryKey: [subject], type: 'inactive' });
    return queries.invalidateQueries({ queryKey: [subject] });
  });
  await Promise.race([Promise.all(read), new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLISECONDS))]);
}
