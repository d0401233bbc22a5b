import { Select, type SelectProps, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { nameOfKey, namesOfKeys } from '../api/key-names.js';
import { keyPage } from '../api/keys.js';
import { useProject } from '../app/use-project.js';

/** As many as anybody looks through; whoever wants another one types a part of it. */
const MOST_OFFERED = 50;
const PAUSE_MILLISECONDS = 250;

interface KeySelectProps extends Pick<SelectProps, 'label' | 'aria-label' | 'placeholder' | 'clearable' | 'w'> {
  readonly value: string | null;
  readonly change: (id: string | null) => void;
}

/** One key of the project, of however many there are: what is typed is looked for by the server. */
export function KeySelect({ value, change, ...select }: KeySelectProps) {
  const { project } = useProject();
  const [typed, setTyped] = useState('');
  const { data: names } = useQuery(namesOfKeys(value === null ? [] : [value]));
  const chosen = value === null ? undefined : nameOfKey(names, value);
  // In the field stands either what one looks for, or what one has chosen.
  const [q] = useDebouncedValue(typed === chosen ? '' : typed.trim(), PAUSE_MILLISECONDS);
  const found = useQuery({
    ...keyPage({ project: project?.id ?? '', limit: MOST_OFFERED, sort: 'name', ...(q ? { q } : {}) }),
    placeholderData: keepPreviousData,
    enabled: project !== undefined,
    refetchInterval: false,
  });
  const offered = found.data?.data ?? [];
  const isOffered = offered.some(({ id }) => id === value);
  return (
    <Select
      {...select}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // The server has filtered already, and by more than the name.
      filter={({ options }) => options}
      nothingFoundMessage={found.data && 'No key fits'}
      data={[
        ...offered.map(({ id, name }) => ({ value: id, label: name })),
        ...(value !== null && chosen !== undefined && !isOffered ? [{ value, label: chosen }] : []),
      ]}
      renderOption={({ option }) => (
        <Stack gap={0}>
          <span>{option.label}</span>
          <Text size="xs" c="dimmed" className="mono">
            {offered.find(({ id }) => id === option.value)?.preview}
          </Text>
        </Stack>
      )}
      value={value}
      onChange={change}
    />
  );
}
