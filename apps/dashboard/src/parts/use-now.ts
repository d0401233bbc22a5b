import { useEffect, useReducer } from 'react';

/** The time, drawn anew as often as it matters to what is shown, and never older than the drawing. */
export function useNow(everyMilliseconds = 10_000): number {
  const [, draw] = useReducer((drawn: number) => drawn + 1, 0);
  useEffect(() => {
    const timer = setInterval(draw, everyMilliseconds);
    return () => clearInterval(timer);
  }, [everyMilliseconds]);
  return Date.now();
}
