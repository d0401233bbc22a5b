import { useState } from 'react';
import type { Subject } from '../api/changed.js';
import { ApiProblem } from '../api/problem.js';
import { useChange } from './use-change.js';

interface Editing<Thing, Body, Saved> {
  save(seen: Thing, body: Body): Promise<Saved>;
  /** As it is now. */
  reread(): Promise<Thing>;
}

export interface Edit<Thing, Body, Saved> {
  /** Undefined where it was not saved. */
  save(body: Body): Promise<Saved | undefined>;
  readonly pending: boolean;
  readonly error: unknown;
  /** As somebody else left it, where that happened while this was being filled in. */
  readonly theirs: Thing | null;
}

/** Changes a thing as it was seen. Where somebody was faster, theirs is shown, and saving once more means it. */
export function useEdit<Thing, Body, Saved>(
  seen: Thing,
  { save, reread }: Editing<Thing, Body, Saved>,
  ...subjects: readonly Subject[]
): Edit<Thing, Body, Saved> {
  // Behind an open form the page goes on reading: what was seen is what the form was filled in from.
  const [opened] = useState(seen);
  const [theirs, setTheirs] = useState<Thing | null>(null);
  const { run, pending, error } = useChange(
    async (body: Body) => {
      try {
        return await save(theirs ?? opened, body);
      } catch (refusal) {
        if (!(refusal instanceof ApiProblem) || refusal.status !== 412) throw refusal;
        setTheirs(await reread());
        return undefined;
      }
    },
    ...subjects,
  );
  return { save: run, pending, error, theirs };
}
