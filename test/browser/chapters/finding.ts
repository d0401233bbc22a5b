import { describe, expect, it } from '@jest/globals';
import { aProject } from '../../conformance/a-project.js';
import { chat, eventually } from '../../stack.js';
import { type House, picture } from '../browser.js';
import { rowOf } from '../rows.js';
import { says } from '../says.js';

export function finding(house: House): void {
  describe('finding what one looks for', () => {
    it('finds keys by a part of their name, keeps that in the address, and says when nothing fits', async () => {
      const project = await aProject(house.stack, 'keyward', 'plus');
      for (const name of ['alpha one', 'alpha two', 'beta']) await project.createKey({ name });
      const page = await house.enter('/keys');
      await page.getByRole('combobox', { name: 'Project' }).click();
      await page
        .getByRole('option', { name: /^keyward \d/ })
        .last()
        .click();
      await rowOf(page, 'beta').waitFor();
      await page.getByRole('searchbox', { name: 'Search keys' }).fill('alpha');
      await rowOf(page, 'beta').waitFor({ state: 'detached' });
      expect(new URL(page.url()).searchParams.get('q')).toBe('alpha');
      await page.getByRole('button', { name: 'Name' }).click();
      await says(page.getByRole('row').getByRole('link', { name: /alpha/ }), 'alpha one', 'alpha two');
      await page.reload();
      await rowOf(page, 'alpha one').waitFor();
      await page.getByRole('searchbox', { name: 'Search keys' }).fill('gamma');
      await page.getByText('No key fits these filters').waitFor();
      await picture(page, 'nothing-fits');
      await page.getByRole('button', { name: 'Clear the filters' }).click();
      await rowOf(page, 'beta').waitFor();
    });

    it('a search box says what the address says, and what was closed is not what Back leads to', async () => {
      const { key } = await house.stack.admin.createKey({ name: 'searched' });
      await chat(house.stack.url, key);
      const page = await house.enter('/requests');
      const place = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click();
      for (const [name, box] of [
        ['Requests', 'Model'],
        ['Models', 'Search models'],
      ] as const) {
        await place(name);
        await page.getByRole('searchbox', { name: box }).fill('echo ');
        await page.waitForURL(/=echo$/);
        expect(await page.getByRole('searchbox', { name: box }).inputValue()).toBe('echo ');
        await place(name);
        await page.waitForURL(/s$/);
        await eventually(
          () => page.getByRole('searchbox', { name: box }).inputValue(),
          (text) => text === '',
        );
      }
      await page.getByRole('searchbox', { name: 'Search models' }).fill('no such model');
      await page.getByRole('button', { name: 'Clear the filters' }).click();
      await page.getByRole('row', { name: /echo/ }).first().waitFor();
      expect(await page.getByRole('searchbox', { name: 'Search models' }).inputValue()).toBe('');

      await place('Requests');
      await page
        .getByRole('button', { name: /details of request/ })
        .first()
        .click();
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.evaluate('history.back()');
      await page.waitForURL(/requests$/);
      expect(await page.getByRole('dialog').count()).toBe(0);
      await page.evaluate('history.back()');
      await page.waitForURL(/models$/);
    });

    it('more keys than a page holds are gone through forwards and backwards, and an address leads to the same page', async () => {
      const project = await aProject(house.stack, 'keyward', 'enterprise');
      const names = Array.from({ length: 101 }, (_, made) => `many ${String(made).padStart(3, '0')}`);
      for (let from = 0; from < names.length; from += 10)
        await Promise.all(names.slice(from, from + 10).map((name) => project.createKey({ name })));
      const page = await house.enter('/keys?sort=name');
      await page.getByRole('combobox', { name: 'Project' }).click();
      await page
        .getByRole('option', { name: /^keyward \d/ })
        .last()
        .click();
      const go = (to: string) => page.getByRole('button', { name: `${to} page` }).click();
      await page.getByText('1–50 of 101').waitFor();
      await page.getByRole('button', { name: 'Previous page', disabled: true }).waitFor();
      await go('Next');
      await page.getByText('51–100 of 101').waitFor();
      await rowOf(page, 'many 050').waitFor();
      const second = page.url();
      await go('Next');
      await page.getByText('101–101 of 101').waitFor();
      await go('Previous');
      await page.getByText('51–100 of 101').waitFor();
      await go('Previous');
      await page.getByText('1–50 of 101').waitFor();
      await page.evaluate('history.back()');
      await page.getByText('51–100 of 101').waitFor();

      // Another way to the same place: by an address that somebody was sent.
      await page.goto('/models');
      await page.goto(second);
      await rowOf(page, 'many 050').waitFor();
      await page.getByText('50 keys on this page').waitFor();
      await page.getByRole('button', { name: 'Previous page', disabled: true }).waitFor();
    });
  });
}
