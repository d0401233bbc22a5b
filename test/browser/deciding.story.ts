import { describe, expect, it } from '@jest/globals';
import { chat, eventually } from '../stack.js';
import { accessibilityOf, openHouse, picture } from './browser.js';
import { cellSays, says } from './says.js';

const house = openHouse();

describe('what a key may do, and why it may not', () => {
  it('B12 B13: a rule is added, tested, seen to refuse, explained, and taken away again', async () => {
    const { id, key } = await house.stack.admin.createKey({ name: 'ruled' });
    const page = await house.enter(`/keys/${id}?tab=rules`);
    await page.getByRole('button', { name: 'Add a rule' }).click();
    const kinds = page.getByRole('combobox', { name: 'these' });
    await kinds.click();
    await says(page.getByRole('option'), 'Models', 'Providers', 'Pricing', 'Addresses');
    await page.getByRole('option', { name: 'Models' }).click();
    await page.getByRole('combobox', { name: 'Models' }).fill('gpt-4o*');
    await page.keyboard.press('Enter');
    // On to the next field: what was offered closes.
    await page.keyboard.press('Tab');
    await page.getByText('Only the models gpt-4o*.').waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'rule');
    await page.getByRole('button', { name: 'Add rule' }).click();
    await page.getByRole('list', { name: 'Rules of this key' }).getByText('Only the models gpt-4o*').waitFor();

    await page.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: 'echo', exact: true }).click();
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText('It would be denied').waitFor();
    const steps = page.getByRole('list', { name: 'Decision' }).getByRole('listitem');
    await says(steps.filter({ hasText: 'The rules allow it' }), /failed/);
    await says(steps.filter({ hasText: 'Requests per minute' }), /not reached/);
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'rules');

    await eventually(
      async () => (await chat(house.stack.url, key)).status,
      (status) => status === 403,
    );
    await page.getByRole('tab', { name: 'Requests' }).click();
    await page.getByText('model_not_allowed').first().waitFor();
    await page
      .getByRole('button', { name: /details of request/ })
      .first()
      .click();
    await page.getByRole('dialog').getByText('How it was decided').waitFor();
    await page.getByRole('dialog').getByRole('link', { name: 'See the rules' }).click();
    await page.getByRole('button', { name: 'Remove: Only the models gpt-4o*' }).click();
    await eventually(
      async () => (await chat(house.stack.url, key)).status,
      (status) => status === 200,
    );
  });

  it('O10 D14: requests and denials of the project appear as they happen', async () => {
    const { id, key } = await house.stack.admin.createKey({ name: 'watched' });
    const page = await house.enter('/requests');
    await page.getByRole('heading', { name: 'Requests' }).waitFor();
    await chat(house.stack.url, key);
    await page.getByRole('link', { name: 'watched' }).first().waitFor({ timeout: 15_000 });
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'requests');
    await house.stack.admin.call('PUT', `/api/api-keys/${id}/iam-rules`, {
      rules: [{ type: 'deny_providers', providers: ['echo'] }],
    });
    await eventually(
      async () => (await chat(house.stack.url, key)).status,
      (status) => status === 403,
    );
    await page.getByRole('combobox', { name: 'Outcome' }).click();
    await page.getByRole('option', { name: 'Denied' }).click();
    await page.getByText('provider_not_allowed').first().waitFor({ timeout: 15_000 });
    expect(new URL(page.url()).searchParams.get('outcome')).toBe('denied');

    await page.getByRole('navigation').getByRole('link', { name: 'API Keys' }).click();
    await cellSays(page, 'watched', 'IAM Rules', '1 rule');
  });

  it('a request that could be is decided without being sent', async () => {
    await house.stack.admin.createKey({ name: 'imagined' });
    const page = await house.enter('/why');
    await page.getByRole('combobox', { name: 'Key' }).click();
    await page.getByRole('option', { name: /^imagined/ }).click();
    await page.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: 'echo', exact: true }).click();
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText('It would be let through').waitFor();
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'why');
  });
});
