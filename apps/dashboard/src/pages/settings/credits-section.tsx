import { SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type CreditBalance, type CreditEntry, credits } from '../../api/credits.js';
import { usePermission } from '../../app/use-permission.js';
import { Actor } from '../../parts/actor.js';
import { IconCoins, IconPlus } from '../../parts/icons.js';
import { Loaded } from '../../parts/loaded.js';
import { dateTime } from '../../parts/moments.js';
import { money, shareOf } from '../../parts/money.js';
import { More } from '../../parts/more.js';
import { Nothing } from '../../parts/nothing.js';
import { TableFrame } from '../../parts/table-frame.js';
import { Gauge } from '../key/gauge.js';
import { CreditDialog } from './credit-dialog.js';
import { SectionHead } from './section-head.js';

/** What is paid in advance, what is left of it, and every entry it is made of. */
export function CreditsSection() {
  const found = useInfiniteQuery(credits);
  const may = usePermission('admin');
  const [adding, setAdding] = useState(false);
  return (
    <Stack gap="md">
      <SectionHead
        note="From the first entry on, requests are paid from the balance of their currency, and refused when nothing is left. What goes through a project’s own provider key is not."
        action={may.allowed && { label: 'Add credit', icon: <IconPlus size={16} />, run: () => setAdding(true) }}
      />
      <Loaded of={found} label="credits">
        {({ pages }) => {
          const balances = pages[0]?.balances ?? [];
          if (balances.length === 0)
            return (
              <Nothing icon={<IconCoins size={30} stroke={1.4} />} title="Nothing is paid in advance">
                <Text size="sm" c="dimmed">
                  Requests are counted, and limited by keys and projects alone.
                </Text>
              </Nothing>
            );
          return (
            <>
              {balances.map((balance) => (
                <Balance key={balance.currency} of={balance} />
              ))}
              <Entries of={pages.flatMap(({ data }) => data)} />
            </>
          );
        }}
      </Loaded>
      <More of={found} label="Show older" />
      {adding && <CreditDialog close={() => setAdding(false)} />}
    </Stack>
  );
}

function Balance({ of: { currency, balance, paid_in, spent, reserved } }: { readonly of: CreditBalance }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md" role="group" aria-label={`Credits in ${currency}`}>
      <Gauge
        label="Balance"
        figure={money(balance, currency)}
        note={`${money(reserved, currency)} of it set aside for requests under way`}
      />
      <Gauge
        label="Spent"
        figure={money(spent, currency)}
        note={`of ${money(paid_in, currency)} paid in`}
        share={shareOf(spent, paid_in)}
      />
      <Gauge label="Paid in" figure={money(paid_in, currency)} note={currency} />
    </SimpleGrid>
  );
}

function Entries({ of: entries }: { readonly of: readonly CreditEntry[] }) {
  return (
    <TableFrame label="Entries" minWidth={640}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Time</Table.Th>
          <Table.Th>What</Table.Th>
          <Table.Th ta="right">Amount</Table.Th>
          <Table.Th>Note</Table.Th>
          <Table.Th>By</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => (
          <Table.Tr key={entry.id}>
            <Table.Td>{dateTime(entry.created_at)}</Table.Td>
            <Table.Td>{entry.kind === 'top_up' ? 'Top-up' : 'Adjustment'}</Table.Td>
            <Table.Td ta="right" className="number">
              {money(entry.amount, entry.currency)}
            </Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{entry.note ?? '–'}</Table.Td>
            <Table.Td>
              <Actor actor={entry.created_by} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </TableFrame>
  );
}
