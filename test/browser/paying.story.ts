import { describe, expect, it } from '@jest/globals';
import { accessibilityOf, openHouse, picture } from './browser.js';
import { told } from './rows.js';
import { says } from './says.js';
import { ago, used } from './used.js';

const house = openHouse();

describe('who pays', () => {
  it('credits are paid in and corrected, and every entry says by whom', async () => {
    const page = await house.enter('/settings/credits');
    await page.getByText('Nothing is paid in advance').waitFor();
    await page.getByRole('button', { name: 'Add credit' }).click();
    await page.getByRole('button', { name: 'Top up' }).click();
    await page.getByRole('textbox', { name: 'Amount' }).and(page.locator('[aria-invalid=true]')).waitFor();
    await page.getByRole('textbox', { name: 'Amount' }).fill('25');
    await page.getByRole('textbox', { name: 'Note' }).fill('invoice 7');
    await page.getByRole('button', { name: 'Top up' }).click();
    await told(page, 'The balance is $25.00 now.');

    await page.getByRole('button', { name: 'Add credit' }).click();
    await page.getByText('Adjustment', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Amount' }).fill('-5');
    await page.getByRole('button', { name: 'Adjust' }).click();
    await told(page, 'The balance is $20.00 now.');

    const entries = page.getByRole('region', { name: 'Entries' });
    await entries.getByRole('row', { name: /Adjustment -\$5\.00 – Owner/ }).waitFor();
    await entries.getByRole('row', { name: /Top-up \$25\.00 invoice 7 Owner/ }).waitFor();
    await says(page.getByRole('group', { name: 'Credits in USD' }), /of \$20\.00 paid in/);
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'credits');
  });

  it('B10: a project brings its own provider key, which goes in and never comes out', async () => {
    const secret = 'sk-nobody-may-read-this-again';
    const page = await house.enter('/settings/provider-keys');
    const answers: Promise<string>[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/api/')) answers.push(response.text().catch(() => ''));
    });
    await page.getByText('No project brings a key of its own').waitFor();
    await page.getByRole('button', { name: 'New provider key' }).click();
    await page.getByRole('combobox', { name: 'Provider' }).click();
    await page.getByRole('option', { name: 'echo', exact: true }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('our account');
    await page.getByRole('textbox', { name: 'Secret' }).fill('short');
    await page.getByRole('button', { name: 'Add key' }).click();
    await page.getByText('Must be 8 to 500 visible ASCII letters.').waitFor();
    await page.getByRole('textbox', { name: 'Secret' }).fill(secret);
    expect(await accessibilityOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Add key' }).click();
    await told(page, '“our account” is saved.');
    await page.getByRole('row', { name: /our account echo Default .* In use/ }).waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'provider-keys');
    expect((await Promise.all(answers)).join('\n')).not.toContain(secret);
    expect(await page.content()).not.toContain(secret);

    await page.getByRole('button', { name: 'Actions for our account' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('No project brings a key of its own').waitFor();
  });

  it('B12: the usage of a key is one step from its row: what it spent, on what, and what became of its requests', async () => {
    const key = await house.stack.admin.createKey({ name: 'looked at' });
    await used(house.stack, key, [
      { at: ago(90_000), model: 'gpt-4.1', served_model: 'gpt-4.1', cost_nanos: '700000000' },
      { kind: 'denied', at: ago(60_000), outcome: 'denied', status: 403, code: 'model_not_allowed', cost_nanos: '0' },
    ]);
    const page = await house.enter('/keys');
    await page.getByRole('link', { name: 'looked at', exact: true }).click();
    const month = page.getByRole('region', { name: 'The last 30 days' });
    await month.locator('.recharts-bar-rectangle path').first().waitFor();
    await month.getByText('Denied', { exact: true }).waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'key-overview');
    await month.getByRole('link', { name: 'All of its usage' }).click();
    await page.getByRole('group', { name: 'Spend' }).getByText('$0.70').waitFor();
    await page.getByText('Key looked at').waitFor();
  });
});
