import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import type { UsageEvent } from '#contracts/usage';
import { eventually } from '../stack.js';
import { accessibilityOf, openHouse, picture } from './browser.js';
import { says } from './says.js';
import { ago, used } from './used.js';

const house = openHouse();
const HOUR = 3_600_000;

/** Some quiet days of three models, and an hour in which one of them was called far too often. */
function aWeek(): Partial<UsageEvent>[] {
  const models = ['gpt-4.1', 'claude-sonnet', 'gpt-4o-mini'];
  const quiet = models.flatMap((served_model, index) =>
    Array.from({ length: 24 }, (_, hour) => ({
      at: ago((hour * 7 + index + 1) * HOUR),
      model: served_model,
      served_model,
      provider: index === 1 ? 'anthropic' : 'openai',
      own_key: index === 1,
      cost_nanos: String((index + 1) * 20_000_000),
    })),
  );
  const spike = Array.from({ length: 20 }, () => ({
    at: ago(30 * HOUR),
    model: 'gpt-4.1',
    served_model: 'gpt-4.1',
    cost_nanos: '400000000',
  }));
  const failed = [
    { at: ago(2 * HOUR), outcome: 'provider_error' as const, status: 502, code: 'upstream_error', cost_nanos: '0' },
  ];
  return [...quiet, ...spike, ...failed];
}

describe('usage', () => {
  it('D14 B10: a spike stands out of the quiet, platform credits and own provider keys are told apart', async () => {
    const key = await house.stack.admin.createKey({ name: 'busy' });
    await used(house.stack, key, aWeek());
    const page = await house.enter('/usage?range=30d');
    const spend = page.getByRole('region', { name: 'Spend by model' });
    await spend.locator('.recharts-bar-rectangle path').first().waitFor();

    // The bar of that day is the highest by far: what one sees, measured.
    const heights = () =>
      spend
        .locator('.recharts-bar-rectangle path')
        .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('height'))).sort((a, b) => b - a));
    await eventually(heights, ([highest = 0, next = 0]) => highest > 5 * next);

    await says(page.getByRole('group', { name: 'Spend' }), /\$10\.88/);
    await says(page.getByRole('group', { name: 'Platform credits' }), /\$9\.92/);
    await says(page.getByRole('group', { name: 'Own provider keys' }), /\$0\.96/);
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'usage');

    await page.getByText('Tables').click();
    const table = page.getByRole('region', { name: 'Spend by model, in numbers' });
    await table.getByRole('columnheader', { name: 'gpt-4.1' }).waitFor();
    await says(table.getByRole('cell', { name: /^\$8\./ }), /^\$8\./);
    expect(new URL(page.url()).search).toBe('?range=30d&view=table');
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'usage-tables');

    await page.getByRole('navigation').getByRole('link', { name: 'Usage' }).click();
    await page.locator('.recharts-area-area').first().waitFor();
    await picture(page, 'usage-hours');
  });

  it('O3: what each key has used shows while one looks, and every choice is in the address', async () => {
    const [one, other] = [
      await house.stack.admin.createKey({ name: 'one of two' }),
      await house.stack.admin.createKey({ name: 'two of two' }),
    ];
    await used(house.stack, one, [{ at: ago(60_000), cost_nanos: '250000000' }]);
    const page = await house.enter('/usage?range=24h');
    await page.getByRole('combobox', { name: 'Told apart' }).click();
    await page.getByRole('option', { name: 'By key' }).click();
    const lineOf = (name: string) => page.getByRole('region', { name: 'Usage by key' }).getByRole('row', { name });
    await lineOf('one of two').getByText('$0.25').first().waitFor();
    expect(new URL(page.url()).search).toBe('?range=24h&by=key');

    await used(house.stack, other, [
      { at: ago(30_000), cost_nanos: '1500000000' },
      { kind: 'denied', at: ago(20_000), outcome: 'denied', status: 402, code: 'spend_limit_reached', cost_nanos: '0' },
    ]);
    await lineOf('two of two').getByText('$1.50').first().waitFor();
    await lineOf('two of two').getByText('1 (50 %)').waitFor();
    await page.reload();
    await lineOf('two of two').getByText('$1.50').first().waitFor();
  });

  it('is exported as CSV and as JSON, as one looks at it', async () => {
    const page = await house.enter('/usage?range=24h&by=key');
    const download = async (format: string) => {
      await page.getByRole('button', { name: 'Export' }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: format }).click(),
      ]);
      return readFile(await file.path(), 'utf8');
    };
    const [heading, ...lines] = (await download('CSV')).trim().split('\r\n');
    expect(heading).toMatch(/^start,key,requests,denied,errors,input_tokens,.*,cost,own_key_cost,currency$/);
    expect(lines.filter((line) => line.includes(',1.50'))).toHaveLength(1);
    const rows = JSON.parse(await download('JSON')) as { cost: string }[];
    expect(rows.map(({ cost }) => cost)).toContain('1.50');
  });

  it('says so where nothing was used, and fits on a phone', async () => {
    const page = await house.enter('/usage?model=nobody', { width: 390, height: 844 });
    await page.getByText('Nothing was used here in this time').waitFor();
    await page.getByRole('button', { name: /without filters/ }).click();
    await page.locator('.recharts-bar-rectangle path').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await picture(page, 'usage-phone');
    await page.evaluate("document.documentElement.setAttribute('data-mantine-color-scheme', 'dark')");
    await page.setViewportSize({ width: 1440, height: 1300 });
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'usage-dark');
  });
});
