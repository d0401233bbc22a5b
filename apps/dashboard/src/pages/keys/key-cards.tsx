import { Checkbox, Group, Stack } from '@mantine/core';
import type { Key } from '../../api/keys.js';
import {
  CreatedCell,
  LastUsedCell,
  LimitsCell,
  NameCell,
  PeriodCell,
  PreviewCell,
  RulesCell,
  StatusCell,
  UsageCell,
} from './key-cells.js';
import type { KeyListProps } from './key-list-props.js';
import { KeyMenu } from './key-menu.js';
import styles from './keys-page.module.css';

/** The list on a phone: nothing is left out, it only stands below and not beside. */
export function KeyCards({ keys, selected, select, open }: KeyListProps & { readonly keys: Key[] }) {
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {keys.map((row) => (
        <li key={row.id} className={styles.card}>
          <Group wrap="nowrap" align="flex-start">
            <Checkbox
              aria-label={`Select ${row.name}`}
              checked={selected[row.id] ?? false}
              onChange={({ currentTarget }) => {
                const { [row.id]: _, ...others } = selected;
                select(currentTarget.checked ? { ...others, [row.id]: true } : others);
              }}
            />
            <Stack gap={4} flex={1} miw={0}>
              <NameCell row={row} />
              <PreviewCell row={row} />
            </Stack>
            <KeyMenu row={row} open={open} />
          </Group>
          <dl>
            <dt>Status</dt>
            <dd>
              <StatusCell row={row} />
            </dd>
            <dt>Usage</dt>
            <dd>
              <UsageCell row={row} />
            </dd>
            <dt>Current Period</dt>
            <dd>
              <PeriodCell row={row} />
            </dd>
            <dt>Limits</dt>
            <dd>
              <LimitsCell row={row} />
            </dd>
            <dt>IAM Rules</dt>
            <dd>
              <RulesCell row={row} />
            </dd>
            <dt>Last used</dt>
            <dd>
              <LastUsedCell row={row} />
            </dd>
            <dt>Created</dt>
            <dd>
              <CreatedCell row={row} />
            </dd>
          </dl>
        </li>
      ))}
    </Stack>
  );
}
