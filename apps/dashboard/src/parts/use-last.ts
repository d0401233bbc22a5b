import { useState } from 'react';

/** What it was when it was last known: for what would flicker while another question is being answered. */
export function useLast<Value>(value: Value | undefined): Value | undefined {
  const [last, setLast] = useState(value);
  if (value !== undefined && value !== last) setLast(value);
  return value ?? last;
}
