import { describe, expect, it } from '@jest/globals';
import { chat, eventually } from '../../stack.js';
import { accessibilityOf, type House, picture } from '../browser.js';
import { cellSays, says } from '../says.js';

export function deciding(house: House): void {
  describe('what a key may do, and why it may not', () => {
    it('B12 B13: a rule is added, tested, seen to refuse, explained, and taken away again', async () => {
      const { id, key } = await house.stack.admin.createKey({ name: 'ruled' });
      const page = await house.enter(`/keys/${id}?tab=rules`);
      await page.getByRole('button', { name: 'Add a rule' }).click();
      const kinds = page.getByRole('combobox', { name: 'these' });
      await page.getByRole('button', { name: 'Add rule' }).click();
      await page.getByText('Name at least one model.').waitFor();
      await page.getByRole('combobox', { name: 'Models' }).and(page.locator(':focus')).waitFor();
      await page.getByRole('checkbox', { name: 'None at all: it allows nothing' }).click();
      await page.getByText('Allows nothing.').waitFor();
      await page.getByRole('checkbox', { name: 'None at all: it allows nothing' }).click();
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

      // Of a catalogue that has nothing but the echo, it leaves nothing; and says by which rule.
      await page.getByRole('heading', { name: 'Allows 0 of 1 models' }).waitFor();
      await page.getByRole('button', { name: 'Which ones' }).click();
      await page.getByText('Refused 1', { exact: true }).click();
      const refused = page.getByRole('region', { name: 'Models of this key' }).getByRole('row', { name: /^echo/ });
      await says(refused, 'echo Refused This key: Only the models gpt-4o*');
      expect(await accessibilityOf(page)).toEqual([]);
      await picture(page, 'allowed-models');
      await page.keyboard.press('Escape');
      await refused.waitFor({ state: 'detached' });

      await page.getByRole('combobox', { name: 'Model' }).click();
      await page.getByRole('option', { name: 'echo', exact: true }).click();
      await page.getByRole('button', { name: 'Test' }).click();
      await page.getByText('It would be denied').waitFor();
      const steps = page.getByRole('list', { name: 'Decision' }).getByRole('listitem');
      const byRule = /failed Decided by the key’s rule about models: Only the models gpt-4o\*/;
      await says(steps.filter({ hasText: 'The rules allow it' }), byRule);
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
      const question = page.getByRole('dialog', { name: 'Remove this rule?' });
      await question.getByText('Only the models gpt-4o*').waitFor();
      await question.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('heading', { name: 'Allows 1 of 1 models' }).waitFor();
      await eventually(
        async () => (await chat(house.stack.url, key)).status,
        (status) => status === 200,
      );
    });

    it('a rule that only observes says what it would have refused', async () => {
      const { id, key } = await house.stack.admin.createKey({ name: 'watched from afar' });
      await house.stack.admin.call('PUT', `/api/api-keys/${id}/iam-rules`, {
        rules: [{ type: 'deny_models', models: ['echo'], status: 'observe' }],
      });
      const observed = async () => {
        const reply = await house.stack.admin.call('GET', `/api/api-keys/${id}/iam-rules`);
        return ((await reply.json()) as { observed: { last_day: number }[] }).observed[0]?.last_day ?? 0;
      };
      await eventually(
        async () => {
          expect((await chat(house.stack.url, key)).status).toBe(200);
          return observed();
        },
        (count) => count > 0,
      );
      const page = await house.enter(`/keys/${id}?tab=rules`);
      const rules = page.getByRole('list', { name: 'Rules of this key' });
      await rules.getByText(/^would have refused \d+ requests? in 24 hours, \d+ in 7 days$/).waitFor();
      expect(await accessibilityOf(page)).toEqual([]);
    });

    it('O10 D14: requests and denials of the project appear as they happen', async () => {
      const { id, key } = await house.stack.admin.createKey({ name: 'watched' });
      const page = await house.enter('/requests');
      await page.getByRole('heading', { name: 'Requests' }).waitFor();
      await chat(house.stack.url, key);
      await page.getByRole('link', { name: 'watched' }).first().waitFor();
      await house.stack.admin.call('PUT', `/api/api-keys/${id}/iam-rules`, {
        rules: [{ type: 'deny_providers', providers: ['echo'] }],
      });
      await eventually(
        async () => (await chat(house.stack.url, key)).status,
        (status) => status === 403,
      );
      await page.getByRole('combobox', { name: 'Outcome' }).click();
      await page.getByRole('option', { name: 'Denied' }).click();
      await page.getByText('provider_not_allowed').first().waitFor();
      expect(new URL(page.url()).searchParams.get('outcome')).toBe('denied');

      await page.getByRole('navigation').getByRole('link', { name: 'API Keys' }).click();
      await cellSays(page, 'watched', 'IAM Rules', '1 rule');
    });

    it('a model shows the rules that mean it, and what another price of it would turn, before anybody gives it one', async () => {
      const { id } = await house.stack.admin.createKey({ name: 'thrifty' });
      await house.stack.admin.call('PUT', `/api/api-keys/${id}/iam-rules`, {
        rules: [
          { type: 'allow_pricing', pricing: { max_output_price: '50' } },
          { type: 'deny_models', models: ['ech*'], status: 'observe' },
        ],
      });
      const page = await house.enter('/models');
      await page.getByRole('button', { name: /^echo ?: its details$/ }).click();
      const rules = page.getByRole('list', { name: 'Rules about it' }).getByRole('listitem');
      const own = rules.filter({ hasText: 'thrifty' });
      await says(
        own.filter({ hasText: 'Not the models' }),
        'deny models Not the models ech* Of the key thrifty, by a wildcard, only observes',
      );
      const priced = own.filter({ hasText: 'at most 50 out' });
      await says(priced, /Of the key thrifty, by its price$/);
      await page.getByLabel('New price of input / M').fill('1');
      await page.getByLabel('New price of output / M').fill('50.01');
      await says(priced, /by its price would decide otherwise$/);
      expect(await accessibilityOf(page)).toEqual([]);
      await picture(page, 'model-rules');
      await page.getByLabel('New price of output / M').fill('50');
      await says(priced, /by its price stays as it is$/);
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
    });
  });
}
