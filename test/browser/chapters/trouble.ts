import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../eventually.js';
import { signedIn, visitor } from '../../people.js';
import { type House, picture } from '../browser.js';
import { rowOf, told } from '../rows.js';
import { says } from '../says.js';
import { ago, used } from '../used.js';

export function inTrouble(house: House): void {
  describe('when something is not as it should be', () => {
    it('no page is left blank while the API is away, and each goes on when it is back', async () => {
      await house.stack.admin.createKey({ name: 'still there' });
      const page = await house.enter('/keys');
      await rowOf(page, 'still there').waitFor();
      // Each page’s own files are fetched once, and then only its data is missing.
      const places = {
        Usage: page.getByText(/Nothing was used here|Spend by model/).first(),
        Requests: page.getByRole('button', { name: 'Pause' }),
        Models: page.getByRole('row', { name: /echo/ }).first(),
        Settings: page.getByRole('textbox', { name: 'Name' }),
      };
      const away = page.getByRole('alert').filter({ hasText: 'No connection' });
      for (const [name, content] of Object.entries(places)) {
        await page.route('**/api/**', (route) => route.abort());
        await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
        await away.first().waitFor();
        await page.unrouteAll({ behavior: 'wait' });
        await page.getByRole('button', { name: 'Retry' }).first().click();
        await content.waitFor();
        await away.waitFor({ state: 'detached' });
      }
    });

    it('what was not counted yet is said, with since when, and no longer once it is counted', async () => {
      const key = await house.stack.admin.createKey({ name: 'counted late' });
      await used(house.stack, key, [{ at: ago(60_000) }]);
      const page = await house.visit();
      const late = new Date(Date.now() - 10 * 60_000).toISOString();
      await page.route('**/api/usage?*', async (route) => {
        const reply = await route.fetch();
        await route.fulfill({ response: reply, json: { ...(await reply.json()), as_of: late } });
      });
      const value = house.stack.admin.cookie.replace(/^token=/, '');
      await page.context().addCookies([{ name: 'token', value, url: `${house.stack.url}/api` }]);
      await page.goto('/usage?range=1h');
      const banner = page.getByRole('status').filter({ hasText: 'Counting lags behind' });
      await says(banner, /What was used after .* is not in here yet: 10 min/);
      await picture(page, 'lag');
      await page.unrouteAll({ behavior: 'wait' });
      await banner.waitFor({ state: 'detached' });
    });

    it('a project that somebody else has changed says what, and saving again means it', async () => {
      const { admin } = house.stack;
      const made = (await (await admin.call('POST', '/api/projects', { name: 'ours', profile: 'keyward' })).json()) as {
        id: string;
      };
      const page = await house.enter('/settings/projects');
      await page.getByRole('button', { name: 'Actions for ours' }).click();
      await page.getByRole('menuitem', { name: 'Edit' }).click();
      await page.getByLabel('All-time usage limit').fill('70');
      await admin.call('PATCH', `/api/projects/${made.id}`, { budget: '20.00' });
      await page.getByRole('button', { name: 'Save' }).click();
      const theirs = page.getByRole('alert').filter({ hasText: 'Somebody else changed this project' });
      await says(theirs.getByRole('row').last(), 'budget none 20.00');
      await page.getByRole('button', { name: 'Save' }).click();
      await told(page, '“ours” is saved.');
      await page.getByRole('row', { name: /^ours/ }).getByText('$70 all-time').waitFor();
    });

    it('rules that somebody else has changed are shown, and both changes are kept', async () => {
      const { admin } = house.stack;
      const { id } = await admin.createKey({ name: 'ruled by two' });
      const page = await house.enter(`/keys/${id}?tab=rules`);
      await page.getByRole('button', { name: 'Add a rule' }).click();
      await page.getByRole('combobox', { name: 'Models' }).fill('echo');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await admin.call('PUT', `/api/api-keys/${id}/iam-rules`, {
        rules: [{ type: 'deny_providers', providers: ['acme'] }],
      });
      await page.getByRole('button', { name: 'Add rule' }).click();
      const theirs = page.getByRole('alert').filter({ hasText: 'Somebody else changed these rules' });
      await says(theirs.getByRole('row').last(), 'rules none Not the providers acme');
      await page.getByRole('button', { name: 'Add rule' }).click();
      const rules = page.getByRole('list', { name: 'Rules of this key' }).getByRole('listitem');
      await says(rules, /Not the providers acme/, /Only the models echo/);
    });

    it('whoever has lost a role is told which one it takes', async () => {
      const { admin, url } = house.stack;
      const invited = await admin.call('POST', '/api/invitations', { email: 'mel@keyward.test', role: 'member' });
      const { token } = (await invited.json()) as { token: string };
      const accept = { token, name: 'Mel', password: 'a password of Mel' };
      const mel = await signedIn(url, await visitor(url).call('POST', '/api/invitations/accept', accept));
      const page = await house.enter('/keys', { cookie: mel.cookie });
      await page.getByRole('link', { name: 'ruled by two', exact: true }).click();
      await page.getByRole('tab', { name: 'IAM rules' }).click();
      await page.getByRole('list', { name: 'Rules of this key' }).waitFor();
      expect(await page.getByRole('button', { name: 'Add a rule' }).count()).toBe(0);

      await page.getByRole('button', { name: 'Actions for ruled by two' }).click();
      await page.getByRole('menuitem', { name: 'Edit', exact: true }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('mine');
      await admin.call('PATCH', `/api/members/${mel.member.id}`, { role: 'viewer' });
      await page.getByRole('button', { name: 'Save' }).click();
      const refusal = page.getByRole('alert').filter({ hasText: 'Your role does not allow this' });
      await says(refusal, /Your role, viewer, does not allow this\. It takes the role owner, admin, or member/);
    });

    it('of a thousand keys as many rows are drawn as one sees, more are read as one scrolls, and each has its name', async () => {
      const { admin } = house.stack;
      const key = await admin.createKey({ name: 'one of many' });
      const cheap = await admin.createKey({ name: 'the cheapest of all' });
      const some = (from: number) =>
        Array.from({ length: 400 }, (_, index) => ({
          key_id: `key_01J${String(from + index).padStart(23, '0')}`,
          at: ago(60_000),
          cost_nanos: String(1_000_000_000 + from + index),
        }));
      for (const from of [0, 400, 800]) await used(house.stack, key, some(from));
      await used(house.stack, cheap, [{ at: ago(60_000), cost_nanos: '1' }]);
      const page = await house.enter('/usage?range=24h&by=key');
      const table = page.getByRole('region', { name: 'Usage by key' }).getByRole('table');
      // A page of them is read, and how many there are is not known yet.
      await table.and(page.locator('[aria-rowcount="-1"]')).waitFor();
      const rows = table.locator('tbody tr[aria-rowindex]');
      expect(await rows.count()).toBeLessThan(80);
      const last = rows.filter({ hasText: 'the cheapest of all' });
      expect(await last.count()).toBe(0);
      await eventually(
        async () => {
          await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
          return last.count();
        },
        (count) => count === 1,
        20_000,
      );
      expect(Number(await table.getAttribute('aria-rowcount'))).toBeGreaterThan(1200);
      expect(await rows.count()).toBeLessThan(80);
    });
  });
}
