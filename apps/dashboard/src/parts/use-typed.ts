import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';

const QUIET_MILLISECONDS = 250;

/** What is typed into a search box: taken once one pauses. Where the address changes by anything else, the box follows. */
export function useTyped(text: string, take: (text: string) => void): [typed: string, type: (typed: string) => void] {
  const [typed, setTyped] = useState(text);
  const own = useRef(text);
  const takeSoon = useDebouncedCallback((next: string) => {
    own.current = next;
    take(next);
  }, QUIET_MILLISECONDS);
  useEffect(() => {
    // What one has typed oneself may have gone on meanwhile, or end with a space.
    if (own.current === text) return;
    own.current = text;
    takeSoon.cancel();
    setTyped(text);
  }, [text, takeSoon]);
  const type = (next: string) => {
    setTyped(next);
    takeSoon(next.trim());
  };
  return [typed, type];
}
