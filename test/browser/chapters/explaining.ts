import { describe, expect, it } from '@jest/globals';
import { chat, eventually } from '../../stack.js';
import { accessibilityOf, type House, picture } from '../browser.js';
import { told } from '../rows.js';
import { says } from '../says.js';
import { ago, used } from '../used.js';

export function explaining(house: House): void {
  describe('a request that was denied', () => {
    it('is explained by its id, with what to change; changed, the same request goes through', async () => {
      const { key } = await house.stack.admin.createKey({ name: 'poor', budget: '0.000001' });
      const denied = await chat(house.stack.url, key);
      expect(denied.status).toBe(402);
      const requestId = denied.headers.get('x-request-id') ?? '';
      const inLog = async () => (await house.stack.admin.call('GET', `/api/requests/${requestId}`)).status;
      await eventually(inLog, (status) => status === 200, 15_000);

      const page = await house.enter('/why');
      await page.getByRole('textbox', { name: 'Request id' }).fill(requestId);
      await page.getByRole('button', { name: 'Look it up' }).click();
      const steps = page.getByRole('list', { name: 'Decision' }).getByRole('listitem');
      await page.getByText('Now it would still be denied').waitFor();
      const limit = steps.filter({ hasText: 'The all-time limit has room' });
      await says(limit, /failed then, failed now .*budget: 0\.\d+ needed, 0\.000001 left of 0\.000001/);
      await says(limit, /Then: budget: 0\.000001 left of 0\.000001 .*Now: budget: 0\.\d+ needed/);
      await says(steps.filter({ hasText: 'The rules allow it' }), /passed then, passed now/);
      expect(await accessibilityOf(page)).toEqual([]);
      await picture(page, 'why-denied');

      await page.getByRole('link', { name: 'Raise or reset the limit' }).first().click();
      await page.getByRole('button', { name: 'Update limits' }).click();
      await page.getByRole('textbox', { name: 'All-time usage limit' }).fill('50');
      await page.getByRole('button', { name: 'Save limits' }).click();
      await told(page, '“poor” is saved');
      await eventually(
        async () => (await chat(house.stack.url, key)).status,
        (status) => status === 200,
      );
      await page.goto(`/why?id=${requestId}`);
      await page.getByText('Now it would be let through').waitFor();
      await says(limit, /failed then, passed now/);
    });

    it('what the key itself lacks is mended where one reads of it, and a provider that cannot be asked is named', async () => {
      const { admin, url } = house.stack;
      const refusedOf = async (secret: string, status: number, model = 'echo') => {
        const refused = await eventually(
          () => chat(url, secret, { model }),
          (reply) => reply.status === status,
        );
        const id = refused.headers.get('x-request-id') ?? '';
        await eventually(
          async () => (await admin.call('GET', `/api/requests/${id}`)).status,
          (found) => found === 200,
          15_000,
        );
        return `/why?id=${id}`;
      };
      const asleep = await admin.createKey({ name: 'asleep' });
      await admin.call('POST', `/api/api-keys/${asleep.id}/disable`, {});
      const page = await house.enter(await refusedOf(asleep.key, 401));
      const steps = page.getByRole('list', { name: 'Decision' }).getByRole('listitem');
      await says(steps.filter({ hasText: 'It is enabled' }), /failed then, failed now/);
      await page.getByRole('button', { name: 'Enable the key' }).click();
      await told(page, '“asleep” is enabled');
      await page.getByText('Now the key may make calls').waitFor();

      const narrow = await admin.createKey({ name: 'narrow', scopes: ['webhook'] });
      await page.goto(await refusedOf(narrow.key, 403));
      await page.getByRole('button', { name: 'Change what it may do' }).click();
      await page.getByRole('checkbox', { name: /^read:/ }).click();
      await page.getByRole('radio', { name: 'After a time from now' }).click();
      expect(await accessibilityOf(page)).toEqual([]);
      await picture(page, 'edit-key');
      await page.getByRole('button', { name: 'Save' }).click();
      await told(page, '“narrow” is saved');
      await page.getByText('Now the key may make calls').waitFor();
      const view = (await (await admin.call('GET', `/api/api-keys/${narrow.id}`)).json()) as { expires_at: string };
      expect(Date.parse(view.expires_at) - Date.now()).toBeGreaterThan(29 * 86_400_000);

      const provider = { id: 'locked', dialect: 'openai', origin: 'https://locked.example.com' };
      await admin.call('POST', '/api/providers', { ...provider, credential_env: 'LOCKED_API_KEY' });
      const routes = [{ provider: 'locked', price: { input: 1, output: 1 } }];
      await admin.call('POST', '/api/models', { id: 'behind-a-lock', routes });
      await page.goto(await refusedOf(asleep.key, 503, 'behind-a-lock'));
      const way = steps.filter({ hasText: 'A provider serves it' });
      await says(way, /failed .*provider locked, credential missing/);
      await page.getByRole('link', { name: 'See the providers' }).click();
      await page.getByRole('region', { name: 'Providers' }).getByText('LOCKED_API_KEY').waitFor();
    });

    it('O10: is found in the log by key, status and reason; the log can be held while one reads', async () => {
      const [one, other] = [
        await house.stack.admin.createKey({ name: 'first asker' }),
        await house.stack.admin.createKey({ name: 'second asker' }),
      ];
      const refusal = { kind: 'denied', outcome: 'denied', cost_nanos: '0' } as const;
      await used(house.stack, one, [
        { ...refusal, at: ago(3000), status: 403, code: 'model_not_allowed' },
        { at: ago(2000), model: 'fast', served_model: 'gpt-4o-mini' },
      ]);
      await used(house.stack, other, [{ ...refusal, at: ago(1000), status: 429, code: 'rate_limit_exceeded' }]);
      const page = await house.enter('/requests');
      const singly: string[] = [];
      page.on('request', (request) => {
        if (/\/api\/api-keys\/key_/.test(request.url())) singly.push(request.url());
      });
      const rows = page.getByRole('region', { name: 'Requests' }).getByRole('row');
      await rows.filter({ hasText: 'fast → gpt-4o-mini' }).waitFor();
      await rows.filter({ hasText: 'rate_limit_exceeded' }).waitFor();

      // The names of all keys come with one question.
      await rows.filter({ hasText: 'first asker' }).first().waitFor();
      await rows.filter({ hasText: 'second asker' }).first().waitFor();
      expect(singly).toEqual([]);

      await page.getByRole('combobox', { name: 'Status' }).click();
      await page.getByRole('option', { name: '403' }).click();
      await page.getByRole('combobox', { name: 'Key' }).click();
      await page.getByRole('option', { name: 'first asker' }).click();
      await rows.filter({ hasText: 'rate_limit_exceeded' }).waitFor({ state: 'detached' });
      await says(rows, /^Time Key/, /model_not_allowed/);
      await page.reload();
      await says(rows, /^Time Key/, /model_not_allowed/);
      expect(await accessibilityOf(page)).toEqual([]);

      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Go on' }).waitFor();
      await picture(page, 'requests-held');
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      await picture(page, 'requests-phone');
    });
  });
}
