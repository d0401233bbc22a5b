import type { FormEvent } from 'react';
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

/** Where one has to look first, after a form was not sent. */
export function focusFirst(_wrong: unknown, _values: unknown, event?: FormEvent<HTMLFormElement>): void {
  focusWrong(event?.currentTarget ?? document);
}

const WRONG = ':is([aria-invalid="true"], [data-error] input:not([type="hidden"]))';
/** What is wrong is marked when it is next drawn; a section that was folded takes a little longer. */
const MOST_FRAMES = 20;

/** The first field that is marked as wrong, unless somebody has gone elsewhere by then. */
function focusWrong(where: ParentNode, before = document.activeElement, frames = MOST_FRAMES): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== before) return;
    const field = where.querySelector<HTMLElement>(WRONG);
    field?.focus();
    if (document.activeElement !== field && frames > 0) focusWrong(where, before, frames - 1);
  });
}

/** After a refusal: the refused field, else where one was. A button that waits has lost the focus to the page. */
export function focusAgain(from: Element | null): void {
  if (!(from instanceof HTMLElement) || !from.isConnected) return;
  if (document.activeElement === document.body) from.focus();
  const form = from.closest('form');
  if (form?.contains(document.activeElement)) focusWrong(form);
}

/** “must be at least 1” → “Must be at least 1.” */
function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
