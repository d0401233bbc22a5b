import { Refused } from '#contracts/refusals';

/** Somebody who has read it before somebody else changed it must not overwrite what they have not seen. */
export function assertRevision(revision: string, expected: number | undefined): void {
  if (expected === undefined || Number(revision) === expected) return;
  throw new Refused('precondition_failed', { details: { revision: Number(revision) } });
}
