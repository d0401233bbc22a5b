import { describe, expect, it } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { aProject } from '../../conformance/a-project.js';
import { chat, eventually } from '../../stack.js';
import { accessibilityOf, type House, picture } from '../browser.js';
import { actOn, rowOf } from '../rows.js';
import { cellSays, says } from '../says.js';

export function creating(house: House): void {
  describe('creating a key', () => {
    it('D3 A3: sidebar “API Keys” → “Create new key” → a name → the key, shown once; and it works', async () => {
      const page = await house.enter('/settings/organization');
      await page.getByRole('navigation').getByRole('link', { name: 'API Keys' }).click();
      await page.getByRole('button', { name: 'Create new key' }).first().click();
      await page.getByRole('textbox', { name: 'Name' }).fill('production');
      await page.getByRole('button', { name: 'Create key' }).click();

      const secret = await page.getByTestId('secret').innerText();
      expect(secret).toMatch(/^kw_[0-9A-Za-z]{40}$/);
      expect(await accessibilityOf(page)).toEqual([]);
      await picture(page, 'secret');
      expect((await chat(house.stack.url, secret)).status).toBe(200);

      // The button to copy has the focus: Enter is enough.
      await page.keyboard.press('Enter');
      await eventually(
        () => page.evaluate('navigator.clipboard.readText()'),
        (copied) => copied === secret,
      );
      await page.getByRole('button', { name: 'Done' }).click();
      await rowOf(page, 'production').waitFor();

      await cellSays(page, 'production', 'API Key', `kw_${secret.slice(3, 7)}…${secret.slice(-4)}`);
      await page.reload();
      await rowOf(page, 'production').waitFor();
      expect(await page.content()).not.toContain(secret);
    });

    it('keeps the secret out of the address, the storage of the browser and the page once it is closed', async () => {
      const page = await house.enter('/keys');
      await page.getByRole('button', { name: 'Create new key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('hidden');
      await page.getByRole('button', { name: 'Create key' }).click();
      const secret = await page.getByTestId('secret').innerText();
      const stored = () => page.evaluate('JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }])');
      expect(await stored()).not.toContain(secret);
      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.getByRole('button', { name: 'Done' }).click();
      await rowOf(page, 'hidden').waitFor();
      expect(await stored()).not.toContain(secret);
      expect(await page.content()).not.toContain(secret);
    });

    it('asks before an uncopied secret is closed, and offers it in the words of each tool', async () => {
      const page = await house.enter('/models');
      await page.getByRole('navigation').getByRole('link', { name: 'API Keys' }).click();
      await page.getByRole('button', { name: 'Create new key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('careless');
      await page.getByRole('button', { name: 'Create key' }).click();
      const secret = await page.getByTestId('secret').innerText();
      for (const tool of ['curl', 'Python', 'JavaScript', 'Anthropic', 'Kubernetes', '.env']) {
        await page.getByRole('tab', { name: tool }).click();
        const text = await page.getByRole('tabpanel').filter({ hasText: secret }).innerText();
        expect(text).toContain(house.stack.url);
      }
      const question = page.getByRole('dialog', { name: 'Close without copying the key?' });
      for (const leave of [
        () => page.keyboard.press('Escape'),
        () => page.evaluate('history.back()'),
        () => page.getByRole('button', { name: 'Done' }).click(),
      ]) {
        await leave();
        await question.waitFor();
        expect(await accessibilityOf(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await question.waitFor({ state: 'detached' });
      }
      expect(new URL(page.url()).pathname).toBe('/keys');
      const asked = page.waitForEvent('dialog');
      await page.evaluate('setTimeout(() => location.reload())');
      await (await asked).dismiss();
      await page.getByRole('button', { name: 'Copy snippet' }).click();
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByTestId('secret').waitFor({ state: 'detached' });
    });

    it('says so where the browser does not copy the secret, and what is copied by hand counts as copied', async () => {
      const page = await house.enter('/keys');
      await page.getByRole('button', { name: 'Create new key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('by hand');
      await page.getByRole('button', { name: 'Create key' }).click();
      const secret = await page.getByTestId('secret').innerText();
      const clipboard = () => page.evaluate('navigator.clipboard.readText()');
      // As it is where the page came without TLS.
      await page.evaluate('navigator.clipboard.writeText = undefined');
      await page.getByRole('button', { name: 'Copy snippet' }).click();
      await eventually(clipboard, (copied) => String(copied).endsWith(`OPENAI_API_KEY=${secret}`));
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByTestId('secret').waitFor({ state: 'detached' });

      await actOn(page, 'by hand', 'Rotate');
      await page.getByRole('button', { name: 'Rotate', exact: true }).click();
      const fresh = await page.getByTestId('secret').innerText();
      await page.evaluate('document.execCommand = () => false');
      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.getByRole('alert').filter({ hasText: 'it is selected, press Ctrl+C' }).waitFor();
      await picture(page, 'copy-refused');
      expect(await accessibilityOf(page)).toEqual([]);
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('button', { name: 'Go back and copy' }).click();
      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.keyboard.press('Control+c');
      await eventually(clipboard, (copied) => copied === fresh);
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByTestId('secret').waitFor({ state: 'detached' });
    });

    it('sends a test request, and the usage moves', async () => {
      const page = await house.enter('/keys');
      await page.getByRole('button', { name: 'Create new key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('tried');
      await page.getByRole('button', { name: 'Create key' }).click();
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByText(/It works: echo answered/).waitFor();
      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.getByRole('button', { name: 'Done' }).click();
      await cellSays(page, 'tried', 'Usage', /^\$0\.0000\d+$/);
      await cellSays(page, 'tried', 'Last used', 'just now');
    });

    it('B2 B3 B4: a name, an expiration, an all-time and a recurring limit; the last three are optional', async () => {
      const page = await house.enter('/keys');
      await page.getByRole('button', { name: 'Create new key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('limited');
      await page.getByRole('switch', { name: 'Expiration' }).click();
      await page.getByRole('textbox', { name: 'Expires after' }).fill('12');
      await page.getByRole('combobox', { name: 'Unit of the expiration' }).click();
      await says(page.getByRole('option'), 'minutes', 'hours', 'days');
      await page.getByRole('option', { name: 'hours' }).click();
      await page.getByText(/^Expires on /).waitFor();
      await page.getByLabel('All-time usage limit').fill('1,000');
      await page.getByRole('switch', { name: 'Recurring usage limit' }).click();
      await page.getByLabel('Amount').fill('500');
      await page.getByRole('combobox', { name: 'Unit of the period' }).click();
      await says(page.getByRole('option'), 'hour', 'day', 'week', 'month');
      await page.getByRole('option', { name: 'month' }).click();
      await picture(page, 'create');
      expect(await accessibilityOf(page)).toEqual([]);
      await page.getByRole('button', { name: 'Create key' }).click();
      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.getByRole('button', { name: 'Done' }).click();

      await cellSays(page, 'limited', 'Limits', '$1,000 all-time $500 / 1 month');
      await cellSays(page, 'limited', 'Status', 'Expires soon Expires in 12 hours');
      await cellSays(page, 'limited', 'Current Period', /^\$0\.00 of \$500 · resets in \d+ days$/);
    });

    it('B3: says beside each field what is wrong with it, brings one there, and makes nothing', async () => {
      await house.stack.admin.createKey({ name: 'taken' });
      const page = await house.enter('/keys');
      await page.getByRole('button', { name: 'Create new key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('too long');
      await page.getByRole('switch', { name: 'Recurring usage limit' }).click();
      await page.getByLabel('Amount').fill('10');
      await page.getByRole('textbox', { name: 'Every' }).fill('53');
      await page.getByRole('combobox', { name: 'Unit of the period' }).click();
      await page.getByRole('option', { name: 'week' }).click();
      const isTold = async (field: Locator, text: string) => {
        await page.getByRole('button', { name: 'Create key' }).click();
        await page.getByText(text, { exact: true }).waitFor();
        await field.and(page.locator(':focus')).waitFor();
      };
      const every = page.getByRole('textbox', { name: 'Every' });
      await isTold(every, 'A window can be 1 hour to 12 months.');
      await every.fill('2');
      await page.getByLabel('Amount').fill('1.000,50');
      await isTold(page.getByLabel('Amount'), 'Must be an amount like 12.30, with at most nine decimals.');
      await page.getByLabel('Amount').fill('1,000.50');
      const budget = page.getByLabel('All-time usage limit');
      await budget.fill('10,50');
      await isTold(budget, 'Must be an amount like 12.30, with at most nine decimals.');
      await budget.fill('10.50');

      // A moment beyond every calendar, and none.
      await page.getByRole('switch', { name: 'Expiration' }).click();
      const after = page.getByRole('textbox', { name: 'Expires after' });
      await after.fill('999999999');
      await page.getByText('Must be at most 3650 days.').waitFor();
      await after.fill('');
      expect(await after.inputValue()).toBe('');
      await isTold(after, 'Must be a whole number.');
      await after.fill('3');

      // Also in a section that is folded.
      const rates = page.getByRole('button', { name: 'Rate limits' });
      await rates.click();
      const tokens = page.getByRole('textbox', { name: 'Tokens per minute' });
      await tokens.fill('99999999999999');
      await rates.click();
      await tokens.waitFor({ state: 'hidden' });
      await isTold(tokens, 'Must be at most 1,000,000,000.');
      await picture(page, 'create-wrong');
      expect(await accessibilityOf(page)).toEqual([]);
      await tokens.fill('1000');
      const more = page.getByRole('button', { name: 'Permissions and tags' });
      await more.click();
      const scope = page.getByRole('checkbox', { name: /^read/ });
      await scope.click();
      await more.click();
      await isTold(scope, 'Must name at least one scope.');
      await scope.click();
      const tags = page.getByRole('combobox', { name: 'Tags' });
      await tags.fill('a b');
      await tags.press('Enter');
      await isTold(tags, 'Must have names of 1 to 64 letters, digits, ., _ or -.');
      await page.keyboard.press('Backspace');

      // What the server does not like is beside its field, too.
      const name = page.getByRole('textbox', { name: 'Name' });
      await name.fill('TAKEN');
      await isTold(name, 'There is a key named "TAKEN" in this project already.');
      await name.fill('');
      await isTold(name, 'Must have at least one letter.');
    });

    it('B14: counts the plan’s keys, and at the cap says why no more can be made', async () => {
      const project = await aProject(house.stack, 'doteb', 'free');
      for (let made = 0; made < 19; made++) await project.createKey();
      const page = await house.enter('/keys');
      await page.getByRole('combobox', { name: 'Project' }).click();
      await page.getByRole('option', { name: /^doteb/ }).click();
      await page.getByText('19 of 20 keys used').first().waitFor();
      await page.getByRole('meter', { name: 'Keys of the plan' }).and(page.locator('[aria-valuenow="95"]')).waitFor();

      await page.getByRole('button', { name: 'Create new key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('the last');
      await page.getByRole('button', { name: 'Create key' }).click();
      expect(await page.getByTestId('secret').innerText()).toMatch(/^dtb_/);
      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByText('20 of 20 keys used').first().waitFor();
      await page.getByRole('button', { name: 'Create new key', disabled: true }).waitFor();
      await page.getByText('The plan “free” allows 20 keys. Delete one, or upgrade the plan.').waitFor();
      await picture(page, 'allowance');
      expect((await project.create()).status).toBe(403);
    });
  });
}
