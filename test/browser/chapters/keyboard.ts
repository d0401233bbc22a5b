import { describe, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { chat, eventually } from '../../stack.js';
import { type House } from '../browser.js';
import { rowOf, told } from '../rows.js';

const MOST_STEPS = 60;

/** Tab by Tab, as somebody without a mouse: fails where it is never reached. */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  await target.waitFor();
  for (let step = 0; step < MOST_STEPS; step++) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`not reached with ${MOST_STEPS} × ${key}: ${target}`);
}

const focused = (page: Page) => page.locator(':focus');

export function byKeyboard(house: House): void {
  describe('with nothing but a keyboard', () => {
    it('one signs in, skips to the content, makes a key, limits it, and deletes it', async () => {
      const page = await house.visit();
      await page.goto('/keys');
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.keyboard.type('owner@keyward.test');
      await page.keyboard.press('Tab');
      await page.keyboard.type('correct-horse-battery');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'API Keys' }).waitFor();

      await tabTo(page, page.getByRole('link', { name: 'Skip to the content' }), 'Shift+Tab');
      await page.keyboard.press('Enter');
      await page.locator('#content:focus').waitFor();
      await page.keyboard.press('Tab');
      await page.getByRole('button', { name: 'Create new key' }).and(focused(page)).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('textbox', { name: 'Name' }).and(focused(page)).waitFor();
      await page.keyboard.type('typed');
      await tabTo(page, page.getByRole('switch', { name: 'Expiration' }));
      await page.keyboard.press('Space');
      await page.keyboard.press('Tab');
      await page.getByRole('textbox', { name: 'Expires after' }).and(focused(page)).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Copy key' }).and(focused(page)).waitFor();
      const secret = await page.getByTestId('secret').innerText();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByTestId('secret').waitFor({ state: 'detached' });
      expect((await chat(house.stack.url, secret)).status).toBe(200);

      // Where one was before the sheet opened, one is again.
      await page.getByRole('button', { name: 'Create new key' }).and(focused(page)).waitFor();
      const actions = page.getByRole('button', { name: 'Actions for typed' });
      await tabTo(page, actions);
      await page.keyboard.press('Enter');
      await tabTo(page, page.getByRole('menuitem', { name: 'Update limits' }), 'ArrowDown');
      await page.keyboard.press('Enter');
      await tabTo(page, page.getByRole('textbox', { name: 'All-time usage limit' }));
      await page.keyboard.type('12');
      await page.keyboard.press('Enter');
      await told(page, '“typed” is saved');
      await rowOf(page, 'typed').getByText('$12 all-time').waitFor();

      await tabTo(page, actions);
      await page.keyboard.press('Enter');
      await tabTo(page, page.getByRole('menuitem', { name: 'Delete' }), 'ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('textbox', { name: 'Type typed to confirm' }).and(focused(page)).waitFor();
      await page.getByText(/and made 1 request today/).waitFor();
      await page.keyboard.type('typed');
      await page.keyboard.press('Enter');
      await told(page, '“typed” is deleted');
      await eventually(
        async () => (await chat(house.stack.url, secret)).status,
        (status) => status === 401,
      );
    });

    it('one finds keys, sorts them, acts on many, and looks into one, tab by tab', async () => {
      for (const name of ['first', 'second']) await house.stack.admin.createKey({ name });
      const page = await house.enter('/keys');
      await tabTo(page, page.getByRole('tab', { name: /^Active/ }));
      await page.keyboard.press('ArrowRight');
      await page.getByRole('tab', { name: /^Inactive/, selected: true }).waitFor();
      await page.keyboard.press('ArrowLeft');
      await rowOf(page, 'first').waitFor();
      await tabTo(page, page.getByRole('button', { name: 'Filter' }));
      await page.keyboard.press('Enter');
      await tabTo(page, page.getByRole('checkbox', { name: 'Unused for 30 days or more' }));
      await page.keyboard.press('Space');
      await page.getByText('No key fits these filters').waitFor();
      await page.keyboard.press('Escape');
      await tabTo(page, page.getByRole('button', { name: 'Remove the filter Unused for 30 days' }));
      await page.keyboard.press('Enter');
      await rowOf(page, 'second').waitFor();

      await tabTo(page, page.getByRole('button', { name: 'Name', exact: true }));
      await page.keyboard.press('Enter');
      await page.getByRole('columnheader', { name: 'Name' }).and(page.locator('[aria-sort="ascending"]')).waitFor();
      await tabTo(page, page.getByRole('checkbox', { name: 'Select first' }));
      await page.keyboard.press('Space');
      await page.getByText('1 selected').waitFor();
      await tabTo(page, page.getByRole('button', { name: 'Disable', exact: true }));
      await page.keyboard.press('Enter');
      const result = page.getByRole('dialog', { name: '1 of 1 disabled' });
      await result.waitFor();
      await page.keyboard.press('Escape');
      await result.waitFor({ state: 'detached' });

      await tabTo(page, page.getByRole('link', { name: 'second', exact: true }));
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'second' }).waitFor();
      await tabTo(page, page.getByRole('tab', { name: 'Overview' }));
      for (const tab of ['Limits', 'IAM rules', 'Requests', 'History']) {
        await page.keyboard.press('ArrowRight');
        await page.getByRole('tab', { name: tab, selected: true }).and(focused(page)).waitFor();
      }
      await page.getByText('created a key').waitFor();
    });

    it('one asks why, chooses from lists, and reads the answer', async () => {
      await house.stack.admin.createKey({ name: 'asked about' });
      const page = await house.enter('/why');
      await tabTo(page, page.getByRole('combobox', { name: 'Key' }));
      await page.keyboard.type('asked');
      await page.getByRole('option', { name: /^asked about/ }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await tabTo(page, page.getByRole('combobox', { name: 'Model' }));
      await page.keyboard.type('echo');
      await page.getByRole('option', { name: 'echo', exact: true }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await tabTo(page, page.getByRole('button', { name: 'Test' }));
      await page.keyboard.press('Enter');
      await page.getByText('It would be let through').waitFor();
    });
  });
}
