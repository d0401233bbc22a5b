import { Alert, Checkbox, Drawer, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { KeyPatch } from '#contracts/admin-keys';
import type { Schemas } from '../../api/client.js';
import type { Key } from '../../api/keys.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { errorsOf, focusFirst } from '../../parts/form-errors.js';
import { IconAlertTriangle } from '../../parts/icons.js';
import { money } from '../../parts/money.js';
import { ProblemView } from '../../parts/problem-view.js';
import { TheirChange } from '../../parts/their-change.js';
import { useRefused } from '../../parts/use-refused.js';
import { type LimitFields, limitsOf } from './key-form.js';
import { RateFields, SpendFields } from './limit-fields.js';
import { factsOf, useKeyChange } from './use-key-change.js';

export function KeyLimits({ of: key, close }: { readonly of: Key; readonly close: () => void }) {
  const change = useKeyChange(key, close);
  const [meant, setMeant] = useState(false);
  const form = useForm<LimitFields>({
    initialValues: fieldsOf(key),
    validate: (fields) => errorsOf(KeyPatch, bodyOf(key, fields)),
  });
  const elsewhere = useRefused(form, change.error, 'recurring_limit');
  const restarts = key.recurring_limit !== null && 'recurring_limit' in bodyOf(key, form.values);
  return (
    <Drawer opened onClose={close} title={`Limits of “${key.name}”`} size={460}>
      <form noValidate onSubmit={form.onSubmit((fields) => void change.save(bodyOf(key, fields)), focusFirst)}>
        <Stack gap="lg">
          {elsewhere !== null && <ProblemView error={elsewhere} />}
          <TheirChange what="this key" seen={factsOf(key)} theirs={change.theirs && factsOf(change.theirs)} />
          <SpendFields form={form} currency={key.currency} />
          <RateFields form={form} />
          {restarts && (
            <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={18} />}>
              <Stack gap="xs">
                <span>
                  This restarts the current period; {money(key.period?.usage ?? '0', key.currency)} already spent stops
                  counting. All-time usage stays.
                </span>
                <Checkbox
                  size="xs"
                  label="Restart the period"
                  checked={meant}
                  onChange={({ currentTarget }) => setMeant(currentTarget.checked)}
                />
              </Stack>
            </Alert>
          )}
          <DialogButtons label="Save limits" pending={change.pending} disabled={restarts && !meant} cancel={close} />
        </Stack>
      </form>
    </Drawer>
  );
}

function fieldsOf({ budget, recurring_limit, rate_limit, token_limit, max_parallel }: Key): LimitFields {
  return {
    budget: budget ?? '',
    recurring: recurring_limit !== null,
    amount: recurring_limit?.amount ?? '',
    every: recurring_limit?.every ?? 1,
    unit: recurring_limit?.unit ?? 'day',
    align: recurring_limit?.align,
    rate_limit: rate_limit ?? '',
    token_limit: token_limit ?? '',
    max_parallel: max_parallel ?? '',
  };
}

/** Only what is different: a recurring limit that is merely sent again would begin a new period. */
function bodyOf(key: Key, fields: LimitFields): Schemas['KeyPatch'] {
  const before = limitsOf(fieldsOf(key));
  const after = limitsOf(fields);
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof typeof before]),
  );
  return Object.fromEntries(changed);
}
