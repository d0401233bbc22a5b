import { Button, Group, Select, Skeleton, Stack, Table, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { type Model, type ModelQuery, models, providers } from '../../api/catalogue.js';
import { Badge } from '../../parts/badge.js';
import { IconSearch, IconSearchOff } from '../../parts/icons.js';
import { money } from '../../parts/money.js';
import { More } from '../../parts/more.js';
import { Nothing } from '../../parts/nothing.js';
import opener from '../../parts/opener.module.css';
import { Page } from '../../parts/page.js';
import { ProblemView } from '../../parts/problem-view.js';
import { TableFrame } from '../../parts/table-frame.js';
import { useTyped } from '../../parts/use-typed.js';
import { ModelDetail } from './model-detail.js';
import type { ModelSearch } from './model-search.js';

const route = getRouteApi('/house/models');

export function ModelsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const found = useInfiniteQuery(models(queryOf(search)));
  const { data: sources = [] } = useQuery(providers);
  const [opened, setOpened] = useState<Model | null>(null);
  const look = (change: ModelSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: 'q' in change });
  const [typed, type] = useTyped(search.q ?? '', (q) => look({ q: q || undefined }));
  const all = found.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <Page title="Models" note="What can be asked for, who serves it, and what a million tokens cost.">
      <Group gap="xs">
        <TextInput
          type="search"
          w={{ base: '100%', xs: 280 }}
          aria-label="Search models"
          placeholder="A part of the name"
          leftSection={<IconSearch size={15} />}
          value={typed}
          onChange={({ currentTarget }) => type(currentTarget.value)}
        />
        <Select
          aria-label="Provider"
          placeholder="Every provider"
          clearable
          searchable
          w={180}
          data={sources.map(({ id }) => id)}
          value={search.provider ?? null}
          onChange={(provider) => look({ provider: provider ?? undefined })}
        />
        <Select
          aria-label="Price"
          placeholder="Free and paid"
          clearable
          w={160}
          data={[
            { value: 'free', label: 'Free' },
            { value: 'paid', label: 'Paid' },
            { value: 'unpriced', label: 'Price unknown' },
          ]}
          value={search.price ?? null}
          onChange={(price) => look({ price: (price as ModelSearch['price']) ?? undefined })}
        />
      </Group>
      {found.error && <ProblemView error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Skeleton height={240} radius="md" />}
      {found.data && all.length === 0 && (
        <Nothing icon={<IconSearchOff size={28} stroke={1.4} />} title="No model fits">
          <Button
            variant="default"
            size="sm"
            onClick={() => look({ q: undefined, provider: undefined, price: undefined })}
          >
            Clear the filters
          </Button>
        </Nothing>
      )}
      {all.length > 0 && <List of={all} open={setOpened} />}
      <More of={found} />
      {opened && <ModelDetail of={opened} close={() => setOpened(null)} />}
    </Page>
  );
}

interface ListProps {
  readonly of: readonly Model[];
  readonly open: (model: Model) => void;
}

function List({ of: all, open }: ListProps) {
  return (
    <TableFrame label="Models" minWidth={860}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Model</Table.Th>
          <Table.Th>Provider</Table.Th>
          <Table.Th ta="right">Input / M</Table.Th>
          <Table.Th ta="right">Cached / M</Table.Th>
          <Table.Th ta="right">Output / M</Table.Th>
          <Table.Th ta="right">Context</Table.Th>
          <Table.Th>Price</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {all.map((model) => (
          <Row key={model.id} of={model} open={() => open(model)} />
        ))}
      </Table.Tbody>
    </TableFrame>
  );
}

function Row({ of: model, open }: { readonly of: Model; readonly open: () => void }) {
  const first = model.routes[0];
  const price = (amount: string | undefined) => (amount === undefined ? '–' : money(amount, model.currency));
  return (
    <Table.Tr>
      <Table.Td>
        <UnstyledButton className={`mono ${opener.open}`} onClick={open}>
          {model.id}
          <span className="unseen">: its details</span>
        </UnstyledButton>
        <Stack gap={0}>
          {model.alias && (
            <Text size="xs" c="dimmed">
              another name for {model.alias}
            </Text>
          )}
          {model.aliases.length > 0 && (
            <Text size="xs" c="dimmed">
              also {model.aliases.join(', ')}
            </Text>
          )}
        </Stack>
      </Table.Td>
      <Table.Td>{model.routes.map(({ provider }) => provider).join(', ')}</Table.Td>
      <Table.Td ta="right" className="number">
        {price(first?.price?.input)}
      </Table.Td>
      <Table.Td ta="right" className="number">
        {price(first?.price?.cached_input)}
      </Table.Td>
      <Table.Td ta="right" className="number">
        {price(first?.price?.output)}
      </Table.Td>
      <Table.Td ta="right" className="number">
        {model.context?.toLocaleString('en') ?? '–'}
      </Table.Td>
      <Table.Td>
        <Badge tone={model.free ? 'good' : model.unpriced ? 'warning' : 'off'}>
          {model.free ? 'Free' : model.unpriced ? 'Unknown' : 'Paid'}
        </Badge>
      </Table.Td>
    </Table.Tr>
  );
}

function queryOf({ q, provider, price }: ModelSearch): ModelQuery {
  return {
    ...(q ? { q } : {}),
    ...(provider ? { provider } : {}),
    ...(price === 'free' ? { free: 'true' } : {}),
    ...(price === 'paid' ? { free: 'false', unpriced: 'false' } : {}),
    ...(price === 'unpriced' ? { unpriced: 'true' } : {}),
  };
}
