import { Drawer, Stack, Table } from '@mantine/core';
import type { Model } from '../../api/catalogue.js';
import facts from '../../parts/facts.module.css';
import { money } from '../../parts/money.js';
import { TableFrame } from '../../parts/table-frame.js';
import { ModelRules } from './model-rules.js';

/** A model with every way to it, and the rules that a change of it would touch. */
export function ModelDetail({ of: model, close }: { readonly of: Model; readonly close: () => void }) {
  const price = (amount: string | undefined) => (amount === undefined ? '–' : money(amount, model.currency));
  return (
    <Drawer opened onClose={close} size={680} title={model.id}>
      <Stack gap="xl">
        <dl className={facts.list}>
          <dt>Other names</dt>
          <dd className="mono">{[model.alias, ...model.aliases].filter((name) => name !== null).join(', ') || '–'}</dd>
          <dt>Context</dt>
          <dd className="number">{tokens(model.context)}</dd>
          <dt>Longest answer</dt>
          <dd className="number">{tokens(model.max_output)}</dd>
        </dl>
        <TableFrame label="Ways to it" minWidth={520}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Provider</Table.Th>
              <Table.Th>Asked for as</Table.Th>
              <Table.Th ta="right">Input / M</Table.Th>
              <Table.Th ta="right">Cached / M</Table.Th>
              <Table.Th ta="right">Output / M</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {model.routes.map((route) => (
              <Table.Tr key={`${route.provider} ${route.upstream_model}`}>
                <Table.Td>{route.provider}</Table.Td>
                <Table.Td className="mono">{route.upstream_model}</Table.Td>
                <Table.Td ta="right" className="number">
                  {price(route.price?.input)}
                </Table.Td>
                <Table.Td ta="right" className="number">
                  {price(route.price?.cached_input)}
                </Table.Td>
                <Table.Td ta="right" className="number">
                  {price(route.price?.output)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </TableFrame>
        <ModelRules of={model} />
      </Stack>
    </Drawer>
  );
}

function tokens(count: number | null): string {
  return count === null ? 'Unknown' : `${count.toLocaleString('en')} tokens`;
}
