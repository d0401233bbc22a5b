import { useQueryClient } from '@tanstack/react-query';
import { changed, type Subject } from '../api/changed.js';
import { type Action, useAction } from './use-action.js';

/** An action that changes something: it goes on until everything it has made untrue on this page is read again. */
export function useChange<Arguments extends unknown[], Result>(
  act: (...given: Arguments) => Promise<Result>,
  ...subjects: readonly Subject[]
): Action<Arguments, Result> {
  const queries = useQueryClient();
  return useAction(async (...given: Arguments) => {
    try {
      return await act(...given);
    } finally {
      // Also after a refusal: it may have come of something else that was changed meanwhile.
      await changed(queries, ...subjects);
    }
  });
}
