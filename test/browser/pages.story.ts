import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { accessibilityOf, goWithin, openHouse, picture } from './browser.js';
import { furnish } from './furnished.js';

const house = openHouse();
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

let facts: Awaited<ReturnType<typeof furnish>>;
let page: Page;
beforeAll(async () => {
  facts = await furnish(house.stack);
  page = await house.enter('/keys', { ...DESK, stays: true });
});

/** Each page, and what is on it once it has read what it shows. */
const PAGES: Record<string, { path: (of: typeof facts) => string; shows: (page: Page) => Promise<unknown> }> = {
  keys: { path: () => '/keys?tab=all', shows: (page) => page.getByText('support assistant').first().waitFor() },
  'key-overview': {
    path: ({ production }) => `/keys/${production.id}`,
    shows: async (page) => {
      await page.getByRole('region', { name: 'Spend by model' }).locator('.recharts-bar-rectangle').first().waitFor();
      await page.getByRole('meter', { name: 'Requests per minute' }).waitFor();
    },
  },
  'key-limits': {
    path: ({ production }) => `/keys/${production.id}?tab=limits`,
    shows: (page) => page.getByText('$60 / 1 day').first().waitFor(),
  },
  'key-rules': {
    path: ({ production }) => `/keys/${production.id}?tab=rules`,
    shows: async (page) => {
      await page.getByText('Only the models gpt-4*').first().waitFor();
      await page.getByRole('heading', { name: /^Allows \d+ of \d+ models$/ }).waitFor();
    },
  },
  'key-requests': {
    path: ({ production }) => `/keys/${production.id}?tab=requests`,
    shows: (page) => page.getByText('model_not_allowed').first().waitFor(),
  },
  'key-history': {
    path: ({ production }) => `/keys/${production.id}?tab=history`,
    shows: (page) => page.getByText('created a key').waitFor(),
  },
  usage: {
    path: () => '/usage?range=30d',
    shows: (page) => page.locator('.recharts-bar-rectangle path').first().waitFor(),
  },
  'usage-tables': {
    path: () => '/usage?range=30d&view=table&by=key',
    shows: (page) => page.getByRole('region', { name: 'Spend by key, in numbers' }).waitFor(),
  },
  requests: { path: () => '/requests', shows: (page) => page.getByText('model_not_allowed').first().waitFor() },
  'request-denied': {
    path: ({ denied }) => `/requests?id=${denied}`,
    shows: (page) => page.getByText('Now it would still be denied').waitFor(),
  },
  why: { path: () => '/why', shows: (page) => page.getByRole('button', { name: 'Test' }).waitFor() },
  models: { path: () => '/models', shows: (page) => page.getByRole('row').nth(20).waitFor() },
  'settings-organization': {
    path: () => '/settings/organization',
    shows: (page) => page.getByRole('radio', { name: /^Disable it/ }).waitFor(),
  },
  'settings-members': {
    path: () => '/settings/members',
    shows: (page) => page.getByText('grace@keyward.test').waitFor(),
  },
  'settings-projects': {
    path: () => '/settings/projects',
    shows: (page) => page.getByRole('region', { name: 'Projects' }).waitFor(),
  },
  'settings-credits': { path: () => '/settings/credits', shows: (page) => page.getByText('refunded').waitFor() },
  'settings-providers': {
    path: () => '/settings/providers',
    shows: (page) => page.getByRole('region', { name: 'Providers' }).waitFor(),
  },
  'settings-provider-keys': {
    path: () => '/settings/provider-keys',
    shows: (page) => page.getByText('our own account').waitFor(),
  },
  'settings-webhooks': {
    path: () => '/settings/webhooks',
    shows: (page) => page.getByText('https://hooks.example.com/keyward').waitFor(),
  },
  'settings-audit': {
    path: () => '/settings/audit',
    shows: (page) => page.getByText('created a webhook').first().waitFor(),
  },
};

describe('every page, at a desk by day and on a phone by night', () => {
  it.each(Object.entries(PAGES))('%s', async (name, { path, shows }) => {
    await page.setViewportSize(DESK);
    await page.emulateMedia({ colorScheme: 'light' });
    await goWithin(page, path(facts));
    await shows(page);
    await picture(page, name);
    expect(await accessibilityOf(page)).toEqual([]);

    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
    await shows(page);
    await picture(page, `${name}-phone`);
    expect(await accessibilityOf(page)).toEqual([]);
    // Nothing runs out of the window: what is wider scrolls in its own frame.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(PHONE.width);
  });
});
