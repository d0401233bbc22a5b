import { Refused } from '#contracts/refusals';

/** Where a page ended: the value it was sorted by, and the id that tells equals apart. */
export interface Cursor {
  readonly value: string;
  readonly id: string;
}

export function writeCursor({ value, id }: Cursor): string {
  return Buffer.from(JSON.stringify([value, id])).toString('base64url');
}

export function readCursor(text: string | undefined): Cursor | null {
  if (text === undefined) return null;
  try {
    const [value, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (isPlain(value) && isPlain(id)) return { value, id };
  } catch {
    // Falls through to the refusal.
  }
  throw new Refused('invalid_request', { message: 'cursor is not one that was given out here', param: 'cursor' });
}

/** A cursor is text from outside like any other: Postgres takes no control characters. */
function isPlain(part: unknown): part is string {
  return typeof part === 'string' && /^[^\p{Cc}\p{Cs}]*$/u.test(part);
}
