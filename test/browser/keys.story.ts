import { describe, expect, it } from '@jest/globals';
import { accessibilityOf, openHouse, picture } from './browser.js';

const house = openHouse();

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
  });
});
