import { Button, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { ttl as contract } from '#contracts/key';
import type { Ttl } from '../../api/keys.js';
import { errorsOf } from '../../parts/form-errors.js';
import { dateTime } from '../../parts/moments.js';
import { useNow } from '../../parts/use-now.js';
import { endOf, type TtlFields, ttlOf } from './key-form.js';

const PRESETS: readonly (Ttl & { label: string })[] = [
  { value: 1, unit: 'hours', label: '1 hour' },
  { value: 1, unit: 'days', label: '1 day' },
  { value: 7, unit: 'days', label: '7 days' },
  { value: 30, unit: 'days', label: '30 days' },
  { value: 90, unit: 'days', label: '90 days' },
];

interface TtlFieldProps {
  readonly ttl: TtlFields;
  readonly change: (ttl: TtlFields) => void;
  readonly error?: string;
}

/** How long a key lives, and the moment that is, told while one types. */
export function TtlField({ ttl, change, error }: TtlFieldProps) {
  const now = useNow(1000);
  const end = endOf(ttl, now);
  // While one types, an empty field is not wrong yet.
  const [wrong] = ttl.value === '' ? [] : Object.values(errorsOf(contract, ttlOf(ttl)));
  return (
    <Stack gap={6}>
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <NumberInput
          aria-label="Expires after"
          data-path="ttl"
          w={110}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          value={ttl.value}
          error={wrong ?? error}
          onChange={(value) => change({ ...ttl, value })}
        />
        <Select
          aria-label="Unit of the expiration"
          w={130}
          data={['minutes', 'hours', 'days']}
          value={ttl.unit}
          onChange={(unit) => unit && change({ ...ttl, unit: unit as Ttl['unit'] })}
        />
      </Group>
      <Group gap={6}>
        {PRESETS.map(({ label, ...preset }) => (
          <Button key={label} size="compact-xs" variant="default" onClick={() => change(preset)}>
            {label}
          </Button>
        ))}
      </Group>
      {end !== null && !wrong && (
        <Text size="xs" c="dimmed" aria-live="polite">
          Expires on {dateTime(end)}
        </Text>
      )}
    </Stack>
  );
}
