import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { aProject } from '../../conformance/a-project.js';
import { eventually } from '../../stack.js';
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
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menuitem', { name: 'Change password' }).click();
      await page.getByLabel('Current password').fill('not the password');
      await page.getByLabel('New password').fill('a password for the owner');
      await page.getByRole('dialog').getByRole('button', { name: 'Change password' }).click();
      await page.getByText('The current password is wrong.').waitFor();
      await page.getByLabel('Current password').and(page.locator(':focus')).waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Invite' }).click();
      const email = page.getByRole('textbox', { name: 'E-mail' });
      for (const [written, wrong] of [
        ['nobody', 'Enter an e-mail address.'],
        ['owner@keyward.test', 'Owner@keyward.test is a member already.'],
      ] as const) {
        await email.fill(written);
        await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
        await page.getByText(wrong).waitFor();
        await email.and(page.locator(':focus')).waitFor();
      }
      expect(await page.getByRole('alert').count()).toBe(0);
      await email.fill('viewer@keyward.test');
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
