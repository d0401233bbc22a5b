import {
  Button,
  Checkbox,
  Group,
  Pill,
  Popover,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { members } from '../../api/people.js';
import { IconFilter, IconSearch } from '../../parts/icons.js';
import { useTyped } from '../../parts/use-typed.js';
import { filtersOf, type KeySearch } from './key-search.js';

interface KeyFiltersProps {
  readonly search: KeySearch;
  readonly look: (change: Partial<KeySearch>) => void;
}

export function KeyFilters({ search, look }: KeyFiltersProps) {
  const { data: people = [] } = useQuery(members);
  const creators = people.map(({ id, name }) => ({ value: `member:${id}`, label: name }));
  const labels: Partial<Record<keyof KeySearch, string>> = {
    status: search.status === 'disabled' ? 'Disabled' : 'Expired',
    limit: search.limit === 'near' ? 'Near limit (80 % or more)' : 'Limit reached',
    by: `Created by ${creators.find(({ value }) => value === search.by)?.label ?? search.by}`,
    tag: `Tag ${search.tag}`,
    expiring: 'Expires within 7 days',
    unused: 'Unused for 30 days',
    rules: search.rules === 'own' ? 'Has rules of its own' : 'Has no rules of its own',
  };
  const active = (Object.keys(filtersOf(search)) as (keyof KeySearch)[]).filter((name) => name !== 'q');
  return (
    <Group gap="xs">
      <SearchField text={search.q ?? ''} change={(q) => look({ q: q || undefined })} />
      <Popover position="bottom-start" width={300} trapFocus returnFocus>
        <Popover.Target>
          <Button variant="default" size="sm" leftSection={<IconFilter size={15} />}>
            Filter
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap="md">
            <Stack gap={4}>
              <Text size="sm" fw={550} id="filter-limits">
                Spend limits
              </Text>
              <SegmentedControl
                size="xs"
                aria-labelledby="filter-limits"
                value={search.limit ?? 'any'}
                onChange={(limit) => look({ limit: limit === 'any' ? undefined : (limit as KeySearch['limit']) })}
                data={[
                  { value: 'any', label: 'Any' },
                  { value: 'near', label: 'Near, ≥ 80 %' },
                  { value: 'reached', label: 'Reached' },
                ]}
              />
            </Stack>
            <Select
              label="Inactive because"
              size="xs"
              clearable
              placeholder="Any reason"
              value={search.status ?? null}
              onChange={(status) =>
                look({ status: (status as KeySearch['status']) ?? undefined, ...(status ? { tab: 'inactive' } : {}) })
              }
              data={[
                { value: 'disabled', label: 'Disabled' },
                { value: 'expired', label: 'Expired' },
              ]}
              comboboxProps={{ withinPortal: false }}
            />
            <Select
              label="Created by"
              size="xs"
              clearable
              searchable
              placeholder="Anybody"
              value={search.by ?? null}
              onChange={(by) => look({ by: by ?? undefined })}
              data={creators}
              comboboxProps={{ withinPortal: false }}
            />
            <Select
              label="IAM rules"
              size="xs"
              clearable
              placeholder="With or without"
              value={search.rules ?? null}
              onChange={(rules) => look({ rules: (rules as KeySearch['rules']) ?? undefined })}
              data={[
                { value: 'own', label: 'Has rules of its own' },
                { value: 'none', label: 'Has none of its own' },
              ]}
              comboboxProps={{ withinPortal: false }}
            />
            <TagField tag={search.tag ?? ''} change={(tag) => look({ tag: tag || undefined })} />
            <Checkbox
              size="xs"
              label="Expires within 7 days"
              checked={search.expiring ?? false}
              onChange={({ currentTarget }) => look({ expiring: currentTarget.checked || undefined })}
            />
            <Checkbox
              size="xs"
              label="Unused for 30 days or more"
              checked={search.unused ?? false}
              onChange={({ currentTarget }) => look({ unused: currentTarget.checked || undefined })}
            />
          </Stack>
        </Popover.Dropdown>
      </Popover>
      {active.map((name) => (
        <Pill
          key={name}
          size="md"
          withRemoveButton
          removeButtonProps={{ 'aria-label': `Remove the filter ${labels[name]}`, tabIndex: 0, 'aria-hidden': false }}
          onRemove={() => look({ [name]: undefined })}
        >
          {labels[name]}
        </Pill>
      ))}
    </Group>
  );
}

/** Taken when one leaves it or presses Enter: half a tag is another one. */
function TagField({ tag, change }: { readonly tag: string; readonly change: (tag: string) => void }) {
  const [typed, setTyped] = useState(tag.replace(':', ': '));
  const take = () => change(typed.replace(/\s*:\s*/, ':').trim());
  return (
    <TextInput
      label="Tag"
      size="xs"
      placeholder="team: search, or one word"
      value={typed}
      onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      onBlur={take}
      onKeyDown={({ key }) => key === 'Enter' && take()}
    />
  );
}

interface SearchFieldProps {
  readonly text: string;
  readonly change: (text: string) => void;
}

function SearchField({ text, change }: SearchFieldProps) {
  const [typed, type] = useTyped(text, change);
  return (
    <TextInput
      type="search"
      size="sm"
      w={{ base: '100%', xs: 290 }}
      aria-label="Search keys"
      placeholder="Name, prefix or last four letters"
      leftSection={<IconSearch size={15} />}
      value={typed}
      onChange={({ currentTarget }) => type(currentTarget.value)}
    />
  );
}
