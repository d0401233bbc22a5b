import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { aProject } from '../../conformance/a-project.js';
import { person } from '../../people.js';
import { chat, eventually } from '../../stack.js';
import { accessibilityOf, type House, picture } from '../browser.js';
import { actOn, rowOf } from '../rows.js';
import { cellSays, says } from '../says.js';

export function pagesOfAnyKind(house: House): void {
  describe('a page, whatever happens', () => {
    it('the list of keys weighs less than 300 kB on its way, and all of it comes from here', async () => {
      const page = await house.visit();
      const files: Promise<Buffer>[] = [];
      page.on('response', (response) => {
        if (response.url().includes('/assets/')) files.push(response.body());
      });
      const value = house.stack.admin.cookie.replace(/^token=/, '');
      await page.context().addCookies([{ name: 'token', value, url: `${house.stack.url}/api` }]);
      await page.goto('/keys', { waitUntil: 'networkidle' });
      const weights = (await Promise.all(files)).map((file) => gzipSync(file).length);
      const bytes = weights.reduce((sum, weight) => sum + weight, 0);
      expect(bytes).toBeGreaterThan(100_000);
      expect(bytes).toBeLessThan(300_000);
    });

    it('is kept by no cache, framed by nobody, and its files are kept for ever', async () => {
      const reply = await fetch(`${house.stack.url}/keys`, { headers: { accept: 'text/html' } });
      const policy = reply.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w+/]{24}'/);
      expect(policy).not.toMatch(/unsafe/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(reply.headers.get('cache-control')).toBe('no-store');
      const html = await reply.text();
      const again = await (await fetch(`${house.stack.url}/keys`, { headers: { accept: 'text/html' } })).text();
      expect(again).not.toBe(html);
      const [, file] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
      const asset = await fetch(house.stack.url + file, { headers: { 'accept-encoding': 'br' } });
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(asset.headers.get('content-encoding')).toBe('br');
      for (const path of ['/api/nothing', '/assets/nothing.js'])
        expect((await fetch(house.stack.url + path, { headers: { accept: 'text/html' } })).status).not.toBe(200);
      expect((await fetch(`${house.stack.url}/keys`, { headers: { accept: 'application/json' } })).status).toBe(404);
    });

    it('says that there is no connection, keeps what it has, and goes on by itself', async () => {
      await house.stack.admin.createKey({ name: 'steadfast' });
      const page = await house.enter('/keys');
      await rowOf(page, 'steadfast').waitFor();
      await page.context().setOffline(true);
      await page.getByText('No connection').waitFor();
      await page.getByText(/^What you see is from /).waitFor();
      expect(await rowOf(page, 'steadfast').isVisible()).toBe(true);
      await picture(page, 'offline');
      await page.context().setOffline(false);
      await page.getByRole('button', { name: 'Retry' }).click();
      await page.getByText('No connection').waitFor({ state: 'detached' });
    });

    it('names the request where the server refuses, and shows no key where none could be read', async () => {
      const page = await house.visit();
      await page.route('**/api/api-keys?*', (route) =>
        route.fulfill({
          status: 503,
          contentType: 'application/problem+json',
          body: JSON.stringify({ code: 'service_unavailable', detail: 'A part is away.', request_id: 'req_TEST' }),
        }),
      );
      const value = house.stack.admin.cookie.replace(/^token=/, '');
      await page.context().addCookies([{ name: 'token', value, url: `${house.stack.url}/api` }]);
      await page.goto('/keys');
      await page.getByText('req_TEST').waitFor();
      await page.unrouteAll({ behavior: 'wait' });
      await page.getByRole('button', { name: 'Retry' }).click();
      await rowOf(page, 'steadfast').waitFor();
    });

    it('finds keys by a part of their name, keeps that in the address, and says when nothing fits', async () => {
      const project = await aProject(house.stack, 'keyward', 'plus');
      for (const name of ['alpha one', 'alpha two', 'beta']) await project.createKey({ name });
      const page = await house.enter('/keys');
      await page.getByRole('combobox', { name: 'Project' }).click();
      await page.getByRole('option', { name: /^keyward \d/ }).click();
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
      await page.reload();
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
      await go('First');
      await page.getByText('1–50 of 101').waitFor();
    });

    it('a change by somebody else is shown before one’s own goes on top of it', async () => {
      const { id } = await house.stack.admin.createKey({ name: 'shared', budget: '5.00' });
      const page = await house.enter('/keys');
      await actOn(page, 'shared', 'Edit');
      await house.stack.admin.call('PATCH', `/api/api-keys/${id}`, { budget: '7.00' });
      await page.getByRole('textbox', { name: 'Name' }).fill('mine');
      await page.getByRole('button', { name: 'Save' }).click();
      const theirs = page.getByRole('alert').filter({ hasText: 'Somebody else changed this key' });
      await says(theirs.getByRole('row').last(), 'budget 5.00 7.00');
      await picture(page, 'conflict');
      await page.getByRole('button', { name: 'Save' }).click();
      await cellSays(page, 'mine', 'Limits', '$7 all-time');
    });

    it('somebody is invited, joins, and as a viewer looks at everything and changes nothing', async () => {
      const page = await house.enter('/settings/members');
      await page.getByRole('button', { name: 'Invite' }).click();
      await page.getByRole('textbox', { name: 'E-mail' }).fill('viewer@keyward.test');
      await page.getByRole('combobox', { name: 'Role', exact: true }).click();
      await page.getByRole('option', { name: 'viewer' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
      const link = await page.getByText(/\/join#/).innerText();

      const guest = await house.visit();
      await guest.goto(link);
      await guest.getByRole('textbox', { name: 'Your name' }).fill('Vera');
      await guest.getByRole('textbox', { name: 'Password' }).fill('a password of Vera');
      expect(await accessibilityOf(guest)).toEqual([]);
      await guest.getByRole('button', { name: 'Join' }).click();
      await guest.getByRole('heading', { name: 'API Keys' }).waitFor();
      expect(guest.url()).not.toContain('#');
      await guest.getByRole('button', { name: 'Create new key', disabled: true }).waitFor();
      await guest.getByText('Your role, viewer, may look at this and not change it.').waitFor();
      // Once at the top and, where nothing is yet, once more in the middle.
      await aProject(house.stack, 'keyward', 'free');
      await guest.reload();
      await guest.getByRole('combobox', { name: 'Project' }).click();
      await guest
        .getByRole('option', { name: /^keyward \d/ })
        .last()
        .click();
      await guest.getByText('Create your first key').waitFor();
      const buttons = guest.getByRole('button', { name: 'Create new key' });
      await eventually(
        () => buttons.and(guest.locator('[aria-describedby]:disabled')).count(),
        (count) => count === 2,
      );
      await guest.getByRole('combobox', { name: 'Project' }).click();
      await guest.getByRole('option', { name: 'Default' }).click();
      await guest.getByRole('button', { name: 'Actions for steadfast' }).click();
      await says(guest.getByRole('menuitem'), 'Usage details', 'IAM rules');
      await guest.goto('/settings/audit');
      await guest.getByText('Your role, viewer, does not allow this.').waitFor();
      await guest.getByText(/It takes the role owner or admin/).waitFor();
    });

    it('a session that ends under an open form takes nothing with it, and one signs in beside it', async () => {
      const credentials = { email: 'owner@keyward.test', password: 'correct-horse-battery' };
      const own = await person(house.stack.url, credentials);
      const page = await house.enter('/keys', { cookie: own.cookie });
      await rowOf(page, 'steadfast').waitFor();
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

export function signingIn(house: House): void {
  describe('signing in', () => {
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
  });
}

export function lightAndDark(house: House): void {
  describe('light and dark', () => {
    it('follows the system until one chooses, and remembers what one chose', async () => {
      const page = await house.enter('/models');
      const scheme = (name: 'light' | 'dark') => page.locator(`html[data-mantine-color-scheme="${name}"]`).waitFor();
      const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
      await page.emulateMedia({ colorScheme: 'light' });
      await scheme('light');
      expect(await background()).toBe('rgb(255, 255, 255)');
      await page.emulateMedia({ colorScheme: 'dark' });
      await scheme('dark');
      expect(await background()).toBe('rgb(23, 27, 35)');

      const choose = async (name: string) => {
        await page.getByRole('button', { name: /^Account/ }).click();
        await page.getByRole('radiogroup', { name: 'Colours' }).getByText(name, { exact: true }).click();
        await page.keyboard.press('Escape');
      };
      await choose('Light');
      await scheme('light');
      await page.reload();
      await scheme('light');
      await choose('System');
      await scheme('dark');
      await page.emulateMedia({ colorScheme: 'light' });
      await scheme('light');
      await choose('Dark');
      await page.reload();
      await scheme('dark');
      expect(await background()).toBe('rgb(23, 27, 35)');
    });

    it('nothing moves for those who asked for calm', async () => {
      const page = await house.enter('/keys');
      await page.getByRole('button', { name: 'Create new key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).waitFor();
      const moving = await page.evaluate(
        'document.getAnimations().filter(({ playState, effect }) => playState === "running" && effect.getTiming().duration > 1).length',
      );
      expect(moving).toBe(0);
    });
  });
}
