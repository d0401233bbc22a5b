import { describe, expect, it } from '@jest/globals';
import { person } from '../../people.js';
import { accessibilityOf, type House, picture } from '../browser.js';
import { rowOf } from '../rows.js';

export function signingIn(house: House): void {
  describe('signing in and out', () => {
    it('is the first thing one sees, says what is wrong beside the field, and brings one to the keys', async () => {
      const page = await house.visit();
      await page.goto('/keys?tab=all');
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await accessibilityOf(page)).toEqual([]);
      await picture(page, 'sign-in');

      await page.getByLabel('E-mail').fill('owner@keyward.test');
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      expect(await page.getByRole('alert').textContent()).toBe('E-mail or password is wrong.');

      await page.getByLabel('Password', { exact: true }).fill('correct-horse-battery');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'API Keys' }).waitFor();
      expect(new URL(page.url()).search).toBe('?tab=all');
      // What one came by is no place to go back to.
      await page.evaluate('history.back()');
      await page.waitForURL(/favicon|about:blank/);
    });

    it('a session that ends under an open form takes nothing with it, and one signs in beside it', async () => {
      const credentials = { email: 'owner@keyward.test', password: 'correct-horse-battery' };
      const own = await person(house.stack.url, credentials);
      const page = await house.enter('/keys', { cookie: own.cookie });
      await page.getByRole('button', { name: 'Create new key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('kept');
      await own.call('DELETE', '/api/session');
      // The list below it is the first to be told.
      await page.waitForResponse((response) => response.status() === 401);
      await page.getByRole('button', { name: 'Create key' }).click();
      const problem = page.getByRole('dialog').getByRole('alert');
      await problem.getByText(/try again here: nothing you have typed is lost/).waitFor();
      await picture(page, 'session-over');
      expect(await accessibilityOf(page)).toEqual([]);
      const [other] = await Promise.all([
        page.context().waitForEvent('page'),
        problem.getByRole('link', { name: 'Sign in in another tab' }).click(),
      ]);
      await other.getByLabel('E-mail').fill(credentials.email);
      await other.getByLabel('Password', { exact: true }).fill(credentials.password);
      await other.getByRole('button', { name: 'Sign in' }).click();
      await other.getByRole('heading', { name: 'API Keys' }).waitFor();
      await other.close();
      await page.getByRole('button', { name: 'Create key' }).click();
      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.getByRole('button', { name: 'Done' }).click();
      await rowOf(page, 'kept').waitFor();
    });

    it('signing out leaves nothing behind, and a session that has ended leads back to the same page', async () => {
      const own = await person(house.stack.url, { email: 'owner@keyward.test', password: 'correct-horse-battery' });
      const page = await house.enter('/models', { cookie: own.cookie });
      await page.getByRole('heading', { name: 'Models' }).waitFor();
      // What it still has to read would lead to the same place, and before the click.
      await page.waitForLoadState('networkidle');
      await own.call('DELETE', '/api/session');
      await page.getByRole('navigation').getByRole('link', { name: 'API Keys' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.getByLabel('E-mail').fill('owner@keyward.test');
      await page.getByLabel('Password', { exact: true }).fill('correct-horse-battery');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'API Keys' }).waitFor();
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.goto('/keys');
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    });
  });
}
