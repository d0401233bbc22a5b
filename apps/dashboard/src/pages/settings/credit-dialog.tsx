import { Group, Modal, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { NewCredit as CreditBody } from '#contracts/admin-credits';
import { addCredit, type NewCredit } from '../../api/credits.js';
import { ApiProblem } from '../../api/problem.js';
import { useProject } from '../../app/use-project.js';
import { amountOf } from '../../parts/amount.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { errorsOf, focusFirst, refusedField } from '../../parts/form-errors.js';
import { money, symbolOf } from '../../parts/money.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useChange } from '../../parts/use-change.js';

interface Fields {
  kind: NewCredit['kind'];
  currency: string;
  amount: string;
  note: string;
}

export function CreditDialog({ close }: { readonly close: () => void }) {
  const { project } = useProject();
  // Pressing the button again after a lost answer is the same payment; after a refusal it is another one.
  const [once, setOnce] = useState(() => crypto.randomUUID());
  const adding = useChange(
    (fields: Fields) =>
      addCredit(bodyOf(fields), once).catch((refusal: unknown) => {
        if (refusal instanceof ApiProblem && !refusal.isPassing) setOnce(crypto.randomUUID());
        throw refusal;
      }),
    'credits',
  );
  const form = useForm<Fields>({
    initialValues: { kind: 'top_up', currency: project?.currency ?? 'USD', amount: '', note: '' },
    validate: (fields) => errorsOf(CreditBody, bodyOf(fields)),
  });
  const submit = async (fields: Fields) => {
    const added = await adding.run(fields);
    if (!added) return;
    const { balance, currency } = added.balance;
    notifications.show({ message: `Entered. The balance is ${money(balance, currency)} now.` });
    close();
  };
  const refused = refusedField(adding.error);
  const { kind, currency } = form.values;
  return (
    <Modal opened onClose={close} title="Add credit">
      <form noValidate onSubmit={form.onSubmit((fields) => void submit(fields), focusFirst)}>
        <Stack>
          {adding.error !== null && Object.keys(refused).length === 0 && <ProblemView error={adding.error} />}
          <SegmentedControl
            aria-label="Kind"
            data={[
              { value: 'top_up', label: 'Top-up' },
              { value: 'adjustment', label: 'Adjustment' },
            ]}
            {...form.getInputProps('kind')}
          />
          <Text size="xs" c="dimmed">
            {kind === 'top_up'
              ? 'What was paid in.'
              : 'A correction: more than nothing adds to the balance, less than nothing takes from it.'}
          </Text>
          <Group align="flex-start" wrap="nowrap" gap="sm">
            <TextInput
              label="Amount"
              flex={1}
              inputMode="decimal"
              data-autofocus
              leftSection={/^[A-Z]{3}$/.test(currency) ? <Text size="sm">{symbolOf(currency)}</Text> : null}
              {...form.getInputProps('amount')}
              error={form.errors.amount ?? refused.amount}
            />
            <TextInput
              label="Currency"
              w={96}
              maxLength={3}
              {...form.getInputProps('currency')}
              onChange={({ currentTarget }) => form.setFieldValue('currency', currentTarget.value.toUpperCase())}
              error={form.errors.currency ?? refused.currency}
            />
          </Group>
          <TextInput
            label="Note"
            placeholder="An invoice, a reason"
            maxLength={500}
            {...form.getInputProps('note')}
            error={form.errors.note ?? refused.note}
          />
          <DialogButtons label={kind === 'top_up' ? 'Top up' : 'Adjust'} pending={adding.pending} cancel={close} />
        </Stack>
      </form>
    </Modal>
  );
}

function bodyOf({ kind, currency, amount, note }: Fields): NewCredit {
  return { kind, currency, amount: amountOf(amount) ?? '', note: note.trim() || null };
}
