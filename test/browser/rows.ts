import type { Locator, Page } from 'playwright-core';

/** The row of a key in the list, by its name. */
export function rowOf(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** One of the things that can be done to a key, from its row. */
export async function actOn(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** What is written in a column of a row, read in one go: the list may be drawn anew at any moment. */
export async function cellOf(page: Page, name: string, column: string): Promise<string> {
  const text: string | undefined = await rowOf(page, name).evaluate((row, wanted) => {
    const headings: { innerText: string }[] = [...row.closest('table').querySelectorAll('thead th')];
    const index = headings.findIndex(({ innerText }) => innerText.trim() === wanted);
    return row.cells[index]?.innerText;
  }, column);
  if (text === undefined) throw new Error(`there is no column ${column}`);
  return text.replace(/\s+/g, ' ').trim();
}

/** What the page tells in passing, at its edge. */
export function told(page: Page, text: string | RegExp): Promise<void> {
  return page.locator('.mantine-Notification-root').filter({ hasText: text }).first().waitFor();
}
