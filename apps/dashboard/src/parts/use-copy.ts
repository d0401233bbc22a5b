import { type RefObject, useEffect, useState } from 'react';

const FRESH_MILLISECONDS = 1500;

interface Copying {
  /** A moment ago. */
  readonly isFresh: boolean;
  readonly isRefused: boolean;
  copy(): Promise<void>;
}

/** Takes a text along. It is copied only once the browser has done so; where it does not, what is shown is selected. */
export function useCopy(text: string, shown?: RefObject<HTMLElement | null>, copied?: () => void): Copying {
  const [state, setState] = useState<'idle' | 'fresh' | 'refused'>('idle');
  useEffect(() => {
    if (state !== 'fresh') return;
    const timer = setTimeout(() => setState('idle'), FRESH_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    const isDone = await taken(text);
    setState(isDone ? 'fresh' : 'refused');
    if (isDone) copied?.();
    else if (shown?.current) select(shown.current);
  };
  return { isFresh: state === 'fresh', isRefused: state === 'refused', copy };
}

/** Whether what is selected, and so copied by hand, has all of it. */
export function isSelected(text: string): boolean {
  return String(window.getSelection()).includes(text);
}

async function taken(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Refused, or not there at all: a page that came without TLS has no clipboard.
    return takenAsSelection(text);
  }
}

function takenAsSelection(text: string): boolean {
  const before = document.activeElement;
  const carrier = document.createElement('span');
  carrier.textContent = text;
  carrier.style.whiteSpace = 'pre';
  carrier.style.position = 'fixed';
  carrier.style.opacity = '0';
  document.body.append(carrier);
  try {
    select(carrier);
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    carrier.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}

function select(element: HTMLElement): void {
  window.getSelection()?.selectAllChildren(element);
}
