import type { Locator, Page } from 'playwright-core';
import { eventually } from '../eventually.js';
import { cellOf } from './rows.js';

const PATIENCE_MILLISECONDS = 20_000;
/** Asking costs the page time in which it could get there. */
const PAUSE_MILLISECONDS = 80;

type Wanted = string | RegExp;

/** A page shows what was until it has read what is: so what it says is waited for, and never read just once. */
export async function says(where: Locator, ...wanted: readonly Wanted[]): Promise<void> {
  await eventually(
    async () => (await where.allInnerTexts()).map(plain),
    (texts) => texts.length === wanted.length && wanted.every((each, i) => fits(texts[i] ?? '', each)),
    PATIENCE_MILLISECONDS,
    PAUSE_MILLISECONDS,
  );
}

/** The same of a column of a key’s row. */
export async function cellSays(page: Page, name: string, column: string, wanted: Wanted): Promise<string> {
  return eventually(
    () => cellOf(page, name, column),
    (text) => fits(text, wanted),
    PATIENCE_MILLISECONDS,
    PAUSE_MILLISECONDS,
  );
}

function fits(text: string, wanted: Wanted): boolean {
  return typeof wanted === 'string' ? text === wanted : wanted.test(text);
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
