import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import type { UsageEvent } from '#contracts/usage';
import { eventually } from '../../stack.js';
import { accessibilityOf, type House, picture } from '../browser.js';
import { told } from '../rows.js';
import { says } from '../says.js';
import { ago, used } from '../used.js';

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

export function lookingAtUsage(house: House): void {
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

      await page.getByText('Tables').click();
      const table = page.getByRole('region', { name: 'Spend by model, in numbers' });
      await table.getByRole('columnheader', { name: 'gpt-4.1' }).waitFor();
      await says(table.getByRole('cell', { name: /^\$8\./ }), /^\$8\./);
      expect(new URL(page.url()).search).toBe('?range=30d&view=table');

      await page.getByRole('navigation').getByRole('link', { name: 'Usage' }).click();
      await page.locator('.recharts-area-area').first().waitFor();
      // Below a week of hours stand its days, and beside each line what it is.
      const written = (axis: string) =>
        spend.locator(`.recharts-${axis}-tick-labels .recharts-cartesian-axis-tick-value`);
      await eventually(
        () => written('xAxis').allTextContents(),
        (names) => names.length >= 5 && names.every((name) => name.endsWith(', 00:00')),
      );
      expect(await written('yAxis').count()).toBe(
        await spend.locator('.recharts-cartesian-grid-horizontal line').count(),
      );
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
        {
          kind: 'denied',
          at: ago(20_000),
          outcome: 'denied',
          status: 402,
          code: 'spend_limit_reached',
          cost_nanos: '0',
        },
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
      // A year has so many days that they are drawn as one outline.
      await page.getByRole('button', { name: 'Look at a year, without filters' }).click();
      await page.locator('.recharts-area-area').first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      await picture(page, 'usage-year-phone');
      await page.evaluate("document.documentElement.setAttribute('data-mantine-color-scheme', 'dark')");
      await page.setViewportSize({ width: 1440, height: 1300 });
      expect(await accessibilityOf(page)).toEqual([]);
      await picture(page, 'usage-year-dark');
    });
  });
}

export function paying(house: House): void {
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
      await month.getByRole('link', { name: 'All of its usage' }).click();
      await page.getByRole('group', { name: 'Spend' }).getByText('$0.70').waitFor();
      await page.getByText('Key looked at').waitFor();
    });
  });
}
