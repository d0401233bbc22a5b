import { describe, expect, it } from '@jest/globals';
import type { UsageEvent } from '#contracts/usage';
import { accessibilityOf, openHouse, picture } from './browser.js';
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
    const page = await house.enter('/usage');
    const spend = page.getByRole('region', { name: 'Spend by model' });
    await spend.locator('.recharts-bar-rectangle path').first().waitFor();

    // The bar of the spike is the highest by far: what one sees, measured.
    const heights = await spend
      .locator('.recharts-bar-rectangle path')
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute('height'))).sort((a, b) => b - a));
    expect(heights[0]).toBeGreaterThan(10 * (heights[1] ?? 0));

    expect(await page.getByRole('group', { name: 'Spend' }).innerText()).toContain('$10.88');
    expect(await page.getByRole('group', { name: 'Platform credits' }).innerText()).toContain('$9.92');
    expect(await page.getByRole('group', { name: 'Own provider keys' }).innerText()).toContain('$0.96');
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'usage');

    await page.getByText('Tables').click();
    const table = page.getByRole('region', { name: 'Spend by model, in numbers' });
    await table.getByRole('columnheader', { name: 'gpt-4.1' }).waitFor();
    expect(await table.getByRole('cell', { name: '$8.02' }).count()).toBe(1);
    expect(new URL(page.url()).search).toBe('?view=table');
    expect(await accessibilityOf(page)).toEqual([]);
    await picture(page, 'usage-tables');
  });
});
