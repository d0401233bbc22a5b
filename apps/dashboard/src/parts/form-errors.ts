import type { z } from 'zod';
import { ApiProblem } from '../api/problem.js';

/** What a contract's schema says of a body, field by field, in the words the API would use. */
export function errorsOf(schema: z.ZodType, body: unknown): Record<string, string> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return {};
  const errors: Record<string, string> = {};
  for (const { path, message } of parsed.error.issues) {
    const field = path.map(String).join('.');
    errors[field] ??= sentence(message);
  }
  return errors;
}

/** The field the API did not like, where it named one. */
export function refusedField(error: unknown): Record<string, string> {
  if (!(error instanceof ApiProblem) || !error.param) return {};
  return { [error.param]: sentence(error.message.replace(/^The field "[^"]*" is not valid: /, '')) };
}

/** Where one has to look first. A field of several parts has the name of the whole. */
export function focusFirst(wrong: Readonly<Record<string, unknown>>): void {
  const [first] = Object.keys(wrong)[0]?.split('.') ?? [];
  document.querySelector<HTMLElement>(`[data-path="${first}"]`)?.focus();
}

/** “must be at least 1” → “Must be at least 1.” */
function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
