import type { z } from 'zod';
import { Refused } from './refusals.js';

const LONGEST_ECHO = 200;

/** The body as the contract wants it, or a refusal that names the first field that does not fit. */
export function accept<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])];
  if (path.length === 0) {
    throw new Refused('invalid_request', { message: clip(`The request is not valid: ${issue?.message}`) });
  }
  const param = clip(path.map(String).join('.'));
  const reason = unknown === undefined ? issue?.message : 'there is no such field';
  throw new Refused('invalid_request', { message: clip(`The field "${param}" is not valid: ${reason}`), param });
}

/** A caller's own words come back in a refusal; a megabyte of them would not fit into the answer. */
function clip(text: string): string {
  return text.length <= LONGEST_ECHO ? text : `${text.slice(0, LONGEST_ECHO)}…`;
}
