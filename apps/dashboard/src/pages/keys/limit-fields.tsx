import { Group, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useId } from 'react';
import { symbolOf } from '../../parts/money.js';
import type { LimitFields as Fields } from './key-form.js';

interface LimitFieldsProps<Form extends Fields> {
  readonly form: UseFormReturnType<Form>;
  readonly currency: string;
  /** Whose limits they are. */
  readonly of?: 'key' | 'project';
}

/** How much may be spent: in all, and in every period. Each of them stops the key by itself. */
export function SpendFields<Form extends Fields>({ form: given, currency, of = 'key' }: LimitFieldsProps<Form>) {
  const form = given as unknown as UseFormReturnType<Fields>;
  const { recurring } = form.values;
  const errors = given.errors as Record<string, React.ReactNode>;
  const wrongAmount = errors['recurring_limit.amount'];
  const wrongLength = errors['recurring_limit.every'] ?? errors['recurring_limit.unit'] ?? errors.recurring_limit;
  const wrongId = useId();
  return (
    <Stack gap="md">
      <TextInput
        label="All-time usage limit"
        description={`The ${of} stops when it has spent this much. Empty: no limit.`}
        inputMode="decimal"
        leftSection={<Text size="sm">{symbolOf(currency)}</Text>}
        {...form.getInputProps('budget')}
      />
      <Stack gap="xs">
        <Switch
          label="Recurring usage limit"
          description="So much in every period; when one ends, the next begins by itself."
          {...form.getInputProps('recurring', { type: 'checkbox' })}
        />
        {recurring && (
          <>
            <Group gap="xs" align="flex-end" wrap="nowrap">
              <TextInput
                label="Amount"
                inputMode="decimal"
                flex={1}
                leftSection={<Text size="sm">{symbolOf(currency)}</Text>}
                {...form.getInputProps('amount')}
                aria-describedby={wrongAmount ? wrongId : undefined}
                error={Boolean(wrongAmount)}
              />
              <NumberInput
                label="Every"
                w={76}
                min={1}
                allowDecimal={false}
                allowNegative={false}
                {...form.getInputProps('every')}
                aria-describedby={!wrongAmount && wrongLength ? wrongId : undefined}
                error={Boolean(wrongLength)}
              />
              <Select
                aria-label="Unit of the period"
                w={108}
                data={['hour', 'day', 'week', 'month']}
                {...form.getInputProps('unit')}
              />
            </Group>
            <FieldError id={wrongId} message={wrongAmount ?? wrongLength} />
          </>
        )}
      </Stack>
    </Stack>
  );
}

/** How fast it may go. */
export function RateFields<Form extends Fields>({
  form: given,
  of = 'key',
}: Pick<LimitFieldsProps<Form>, 'form' | 'of'>) {
  const form = given as unknown as UseFormReturnType<Fields>;
  return (
    <Stack gap="md">
      <Group grow align="flex-start">
        <NumberInput
          label={of === 'key' ? 'Requests per minute' : 'Requests per minute, each key'}
          placeholder="The plan’s"
          min={1}
          allowDecimal={false}
          thousandSeparator=","
          {...form.getInputProps('rate_limit')}
        />
        <NumberInput
          label={of === 'key' ? 'Tokens per minute' : 'Tokens per minute, each key'}
          placeholder="The plan’s"
          min={1}
          allowDecimal={false}
          thousandSeparator=","
          {...form.getInputProps('token_limit')}
        />
      </Group>
      <NumberInput
        label={of === 'key' ? 'Requests at once' : 'Requests at once, each key'}
        placeholder="No limit"
        min={1}
        allowDecimal={false}
        {...form.getInputProps('max_parallel')}
      />
    </Stack>
  );
}

function FieldError({ id, message }: { readonly id: string; readonly message: React.ReactNode }) {
  if (!message) return null;
  return (
    <Text id={id} size="xs" c="var(--mantine-color-error)" role="alert">
      {message}
    </Text>
  );
}
