import { Drawer, SegmentedControl, Stack, Table, Text, TextInput } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import type { Key } from '../../api/keys.js';
import { type KeyModels, rulesOf } from '../../api/rules.js';
import { Badge } from '../../parts/badge.js';
import { IconSearch } from '../../parts/icons.js';
import { Nothing } from '../../parts/nothing.js';
import { TableFrame } from '../../parts/table-frame.js';
import { VirtualRows } from '../../parts/virtual-rows.js';
import { sentenceOf } from '../rules/rule-text.js';

type Refusing = NonNullable<KeyModels['models'][number]['rule']>;
type Shown = 'allowed' | 'refused' | 'all';

interface ModelListProps {
  readonly of: KeyModels;
  readonly owner: Key;
  readonly close: () => void;
}

/** Every model of the catalogue, and of those that are refused the rule that does it. */
export function ModelList({ of: { models, total, allowed }, owner, close }: ModelListProps) {
  const [shown, setShown] = useState<Shown>(allowed > 0 ? 'allowed' : 'refused');
  const [part, setPart] = useState('');
  const sentences = useSentences(owner);
  const rows = models.filter(
    (each) =>
      (shown === 'all' || each.allowed === (shown === 'allowed')) &&
      each.model.toLowerCase().includes(part.trim().toLowerCase()),
  );
  const count = (figure: number) => figure.toLocaleString('en');
  return (
    <Drawer opened onClose={close} size={720} title={`The models “${owner.name}” may use`}>
      <Stack>
        <SegmentedControl
          aria-label="Which of them"
          value={shown}
          onChange={(value) => setShown(value as Shown)}
          data={[
            { value: 'allowed', label: `Allowed ${count(allowed)}` },
            { value: 'refused', label: `Refused ${count(total - allowed)}` },
            { value: 'all', label: `All ${count(total)}` },
          ]}
        />
        <TextInput
          type="search"
          aria-label="Search these models"
          placeholder="A part of the name"
          leftSection={<IconSearch size={15} />}
          value={part}
          onChange={({ currentTarget }) => setPart(currentTarget.value)}
        />
        {rows.length === 0 ? (
          <Nothing title="No model is among these" />
        ) : (
          <TableFrame label="Models of this key" minWidth={480} rows={rows.length}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Model</Table.Th>
                <Table.Th>Verdict</Table.Th>
                <Table.Th>By which rule</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <VirtualRows of={rows} columns={3} keyOf={({ model }) => model}>
              {({ model, allowed, rule }) => (
                <>
                  <Table.Td className="mono">{model}</Table.Td>
                  <Table.Td>
                    <Badge tone={allowed ? 'good' : 'bad'}>{allowed ? 'Allowed' : 'Refused'}</Badge>
                  </Table.Td>
                  <Table.Td>{rule ? <By rule={rule} sentence={sentences.get(rule.id)} /> : '–'}</Table.Td>
                </>
              )}
            </VirtualRows>
          </TableFrame>
        )}
        {models.length < total && (
          <Text size="sm" c="dimmed">
            The first {count(models.length)} by name, of {count(total)}.
          </Text>
        )}
      </Stack>
    </Drawer>
  );
}

const WHOSE = { organization: 'Organization', project: 'Project', member: 'Member', key: 'This key' } as const;

function By({ rule, sentence }: { readonly rule: Refusing; readonly sentence: string | undefined }) {
  return (
    <Text size="sm" inherit>
      {WHOSE[rule.level]}: {sentence ?? `a rule about ${rule.about}`}
    </Text>
  );
}

/** What the rules say that this page has read; who made the key has others, and those stay without words. */
function useSentences({ id, project_id }: Key): ReadonlyMap<string, string> {
  const sets = useQueries({
    queries: [
      rulesOf({ kind: 'key', id }),
      rulesOf({ kind: 'project', id: project_id }),
      rulesOf({ kind: 'organization' }),
    ],
  });
  return new Map(sets.flatMap(({ data }) => data?.rules.map((rule) => [rule.id, sentenceOf(rule)] as const) ?? []));
}
