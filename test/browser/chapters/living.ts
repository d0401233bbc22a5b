import { afterEach, describe, expect, it } from '@jest/globals';
import { aProject } from '../../conformance/a-project.js';
import { chat, eventually } from '../../stack.js';
import { backToNow, forward } from '../../time-travel.js';
import { accessibilityOf, type House, picture } from '../browser.js';
import { actOn, cellOf, rowOf, told } from '../rows.js';
import { cellSays, says } from '../says.js';

const limits = { budget: '50.00', recurring_limit: { amount: '10.00', every: 1, unit: 'day' } };

export function living(house: House): void {
  /** What a call with this secret is told, once every part has heard of the change. */
  const answers = (secret: string, wanted: number) =>
    eventually(
      async () => (await chat(house.stack.url, secret)).status,
      (status) => status === wanted,
      10_000,
    );

  describe('the life of a key', () => {
    afterEach(backToNow);

    it('D7 B11: the list has every column, and says of each key what it is', async () => {
      const { createKey } = house.stack.admin;
      const { key } = await createKey({ name: 'columns', ...limits, rate_limit: 60, tags: { team: 'search' } });
      await chat(house.stack.url, key);
      const page = await house.enter('/keys');
      await rowOf(page, 'columns').waitFor();
      await says(
        page.getByRole('columnheader').filter({ hasText: /./ }),
        'Name',
        'API Key',
        'Status',
        'Created',
        'Last used',
        'Usage',
        'Current Period',
        'Limits',
        'IAM Rules',
        'Actions',
      );
      await cellSays(page, 'columns', 'Name', 'columns team: search');
      await cellSays(page, 'columns', 'Limits', '$50 all-time $10 / 1 day 60 RPM');
      await cellSays(page, 'columns', 'Created', /^\w{3} \d+ Owner$/);
      await cellSays(page, 'columns', 'Last used', 'just now');
      const meter = rowOf(page, 'columns').getByRole('meter', { name: 'Usage of the current period' });
      expect(await meter.getAttribute('aria-valuetext')).toMatch(/^\$0\.0000\d+ of \$10$/);
    });

    it('B4 B5 B6: when its time has passed it is Expired, in Inactive, and lives again only with a time to come', async () => {
      const soon = new Date(Date.now() + 2000).toISOString();
      const { key } = await house.stack.admin.createKey({ name: 'brief', expires_at: soon });
      const page = await house.enter('/keys?tab=all');
      await cellSays(page, 'brief', 'Status', 'Expired Expired just now');
      expect((await chat(house.stack.url, key)).status).toBe(401);
      await page.getByRole('tab', { name: /^Active/ }).click();
      await rowOf(page, 'brief').waitFor({ state: 'detached' });
      await page.getByRole('tab', { name: /^Inactive/ }).click();
      await rowOf(page, 'brief').waitFor();

      await actOn(page, 'brief', 'Rotate');
      await page.getByRole('dialog').getByText('This key has expired').waitFor();
      expect(await page.getByText(/when the key itself expires/).count()).toBe(0);
      await page.keyboard.press('Escape');
      await actOn(page, 'brief', 'Enable');
      await page.getByText(/Give it a new expiration to enable it/).waitFor();
      await page.getByRole('textbox', { name: 'Expires after' }).fill('0');
      await page.getByRole('button', { name: 'Enable', exact: true, disabled: true }).waitFor();
      await page.getByRole('button', { name: '7 days' }).click();
      await page.getByRole('button', { name: 'Enable', exact: true }).click();
      await told(page, '“brief” is enabled');
      // What it was is nowhere to be seen any more, in no tab: this very page has changed it.
      expect(await rowOf(page, 'brief').count()).toBe(0);
      await page.getByRole('tab', { name: /^Active/ }).click();
      expect(await cellOf(page, 'brief', 'Status')).toBe('Active Expires in 7 days');
      await answers(key, 200);
    });

    it('B7 B12: is disabled and enabled without any question, and the gateways say that they refuse it', async () => {
      const { key } = await house.stack.admin.createKey({ name: 'paused' });
      const page = await house.enter('/keys');
      await actOn(page, 'paused', 'Disable');
      await told(page, /“paused” is disabled\. The gateway refuses it already/);
      expect((await chat(house.stack.url, key)).status).toBe(401);
      await page.getByRole('tab', { name: /^Inactive/ }).click();
      expect(await cellOf(page, 'paused', 'Status')).toBe('Disabled Never expires');
      await actOn(page, 'paused', 'Enable');
      await told(page, '“paused” is enabled');
      await answers(key, 200);
    });

    it('B8 B9: another recurring limit restarts the period, once that is meant; all-time usage stays', async () => {
      const { id, key } = await house.stack.admin.createKey({ name: 'metered', ...limits });
      await chat(house.stack.url, key);
      const page = await house.enter('/keys');
      await cellSays(page, 'metered', 'Current Period', /^\$0\.0000\d+ of/);
      const before = await cellOf(page, 'metered', 'Usage');
      await actOn(page, 'metered', 'Update limits');
      await page.getByLabel('Amount').fill('20');
      await page.getByText(/This restarts the current period; \$0\.0000\d+ already spent stops counting/).waitFor();
      await page.getByRole('button', { name: 'Save limits', disabled: true }).waitFor();
      await picture(page, 'limits');
      await page.getByRole('checkbox', { name: 'Restart the period' }).click();
      await page.getByRole('button', { name: 'Save limits' }).click();
      await told(page, '“metered” is saved');
      await cellSays(page, 'metered', 'Current Period', /^\$0\.00 of \$20/);
      expect(await cellOf(page, 'metered', 'Usage')).toBe(before);
      const saved = (await (await house.stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as { budget: string };
      expect(saved.budget).toBe('50.00');
    });

    it('B9: a period that is over resets by itself', async () => {
      const { key } = await house.stack.admin.createKey({ name: 'daily', ...limits });
      await chat(house.stack.url, key);
      const page = await house.enter('/keys');
      await cellSays(page, 'daily', 'Current Period', /^\$0\.0000\d+ of/);
      forward(86_400_000);
      await cellSays(page, 'daily', 'Current Period', /^\$0\.00 of \$10/);
      await cellSays(page, 'daily', 'Usage', /^\$0\.0000\d+ of/);
    });

    it('A7 E6: rotates with a grace: both secrets work until the old one is finished off', async () => {
      const { key: old } = await house.stack.admin.createKey({ name: 'rotated' });
      const page = await house.enter('/keys');
      await actOn(page, 'rotated', 'Rotate');
      expect(await page.getByRole('radio', { name: '24 hours' }).isChecked()).toBe(true);
      await page.getByRole('radio', { name: '1 hour' }).click();
      await page.getByRole('button', { name: 'Rotate', exact: true }).click();
      const fresh = await page.getByTestId('secret').innerText();
      await page.getByRole('button', { name: 'Copy key' }).click();
      await page.getByRole('button', { name: 'Done' }).click();
      await cellSays(page, 'rotated', 'Status', 'Rotating Never expires');
      for (const secret of [old, fresh]) await answers(secret, 200);

      await actOn(page, 'rotated', 'Rotate');
      await page.getByText('A rotation is under way').waitFor();
      await picture(page, 'rotate');
      await page.getByRole('button', { name: 'Finish now' }).click();
      await told(page, 'The old secret of “rotated” stopped working');
      await answers(old, 401);
      await answers(fresh, 200);
    });

    it('a name of a hundred letters fits the list, its page and its dialogs, on a desk and on a phone', async () => {
      const name = 'w'.repeat(100);
      const { id } = await house.stack.admin.createKey({ name, budget: '0.0000001', tags: { ['t'.repeat(64)]: name } });
      const page = await house.enter('/keys');
      const fits = async (width: number) => {
        await page.setViewportSize({ width, height: 900 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      };
      const column = page.getByRole('cell').filter({ has: page.getByRole('link', { name, exact: true }) });
      expect((await column.boundingBox())?.width).toBeLessThan(320);
      await picture(page, 'long-name-list');
      await fits(390);
      await page.goto(`/keys/${id}`);
      await page.getByRole('heading', { name }).waitFor();
      await page.getByText('of $0.0000001; $0.0000001 left').waitFor();
      await fits(390);
      await picture(page, 'long-name-phone');
      await fits(1440);
      await page.getByRole('button', { name: `Actions for ${name}` }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText(`Type ${name} to confirm`).waitFor();
      for (const width of [1440, 390]) {
        await fits(width);
        expect(await dialog.evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true);
      }
      await picture(page, 'long-name-delete');
      expect(await accessibilityOf(page)).toEqual([]);
    });

    it('D8 B12: is deleted for good once its name is typed, and the next use is refused', async () => {
      const { key } = await house.stack.admin.createKey({ name: 'unwanted' });
      const page = await house.enter('/keys');
      await actOn(page, 'unwanted', 'Delete');
      await page.getByRole('button', { name: 'Delete for good', disabled: true }).waitFor();
      await page.getByRole('textbox', { name: 'Type unwanted to confirm' }).fill('unwanted');
      await page.getByRole('button', { name: 'Delete for good' }).click();
      await told(page, '“unwanted” is deleted. The gateway refuses it already');
      expect((await chat(house.stack.url, key)).status).toBe(401);
      expect(await rowOf(page, 'unwanted').count()).toBe(0);
    });

    it('many at once: each succeeds or fails on its own, and says so', async () => {
      const project = await aProject(house.stack, 'keyward', 'plus');
      const expired = await project.createKey({
        name: 'gone by',
        expires_at: new Date(Date.now() + 1500).toISOString(),
      });
      const doomed = await project.createKey({ name: 'doomed' });
      const [one, two] = [await project.createKey({ name: 'one' }), await project.createKey({ name: 'two' })];
      for (const { id } of [doomed, one, two]) await project.post(`/${id}/disable`, {});
      await eventually(
        () => project.key(expired.id),
        ({ status }) => status === 'expired',
      );
      const page = await house.enter('/keys?tab=inactive');
      await page.getByRole('combobox', { name: 'Project' }).click();
      await page.getByRole('option', { name: /^keyward \d/ }).click();
      await page.getByRole('checkbox', { name: 'Select all keys on this page' }).click();
      await page.getByText('4 selected').waitFor();
      // Somebody else deletes one of them, and this page has not heard of it.
      const { admin } = house.stack;
      const body = await (await admin.call('GET', `/api/api-keys?project=${project.id}&status=inactive`)).text();
      await page.route('**/api/api-keys?*', (route) => route.fulfill({ contentType: 'application/json', body }));
      await admin.call('DELETE', `/api/api-keys/${doomed.id}`);
      await page.getByRole('button', { name: 'Enable', exact: true }).click();
      const question = page.getByRole('dialog', { name: 'Enable 4 keys' });
      await question.getByText('1 of 4 has expired: give it a new expiration. The others keep theirs.').waitFor();
      expect(await accessibilityOf(page)).toEqual([]);
      await question.getByRole('button', { name: '7 days' }).click();
      await question.getByRole('button', { name: 'Enable', exact: true }).click();
      const result = page.getByRole('dialog', { name: '3 of 4 enabled' });
      await result.waitFor();
      await page.unrouteAll({ behavior: 'wait' });
      const enabled = /^(one|two|gone by) enabled$/;
      await says(result.getByRole('row'), 'Key Result', /^doomed .*no such key/, enabled, enabled, enabled);
      await picture(page, 'batch');
      expect(await accessibilityOf(page)).toEqual([]);
      await result.getByRole('button', { name: 'Close' }).last().click();
      await page.getByRole('tab', { name: /^Active/ }).click();
      await cellSays(page, 'one', 'Status', 'Active Never expires');
      await cellSays(page, 'gone by', 'Status', 'Active Expires in 7 days');
      await page.goto('/settings/audit');
      const deed = (text: string) => page.getByRole('listitem').filter({ hasText: text });
      await deed('Owner enabled a key gone by').getByRole('link', { name: 'gone by' }).waitFor();
      await deed('Owner deleted a key “doomed”')
        .getByRole('button', { name: `Copy the id ${doomed.id}` })
        .waitFor();
    });
  });
}
