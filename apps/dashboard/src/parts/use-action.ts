import { useCallback, useEffect, useRef, useState } from 'react';
import { focusAgain } from './form-errors.js';

export interface Action<Arguments extends unknown[], Result> {
  /** Undefined where it failed; why is in `error`. */
  run(...given: Arguments): Promise<Result | undefined>;
  readonly pending: boolean;
  readonly error: unknown;
  forget(): void;
}

/** Something a person does once. Its result goes to who asked, and is kept nowhere: it may hold a secret. */
export function useAction<Arguments extends unknown[], Result>(
  act: (...given: Arguments) => Promise<Result>,
): Action<Arguments, Result> {
  const [state, setState] = useState<{ pending: boolean; error: unknown }>({ pending: false, error: null });
  const busy = useRef(false);
  const from = useRef<Element | null>(null);
  useEffect(() => {
    if (state.error !== null) focusAgain(from.current);
  }, [state.error]);
  const run = async (...given: Arguments) => {
    // A second click is no second wish.
    if (busy.current) return undefined;
    busy.current = true;
    from.current = document.activeElement;
    setState({ pending: true, error: null });
    try {
      const result = await act(...given);
      setState({ pending: false, error: null });
      return result;
    } catch (error) {
      setState({ pending: false, error });
      return undefined;
    } finally {
      busy.current = false;
    }
  };
  const forget = useCallback(() => setState({ pending: false, error: null }), []);
  return { run, ...state, forget };
}
