import { Menu, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { projects } from '../../api/projects.js';
import { deleteProviderKey, type ProviderKey, providerKeys } from '../../api/provider-keys.js';
import { usePermission } from '../../app/use-permission.js';
import { Actor } from '../../parts/actor.js';
import { Ask } from '../../parts/ask.js';
import { Badge } from '../../parts/badge.js';
import { IconKey, IconPencil, IconPlus, IconTrash } from '../../parts/icons.js';
import { Loaded } from '../../parts/loaded.js';
import { MaskedKey } from '../../parts/masked-key.js';
import { date } from '../../parts/moments.js';
import { More } from '../../parts/more.js';
import { Nothing } from '../../parts/nothing.js';
import { RowMenu } from '../../parts/row-menu.js';
import { TableFrame } from '../../parts/table-frame.js';
import { ProviderKeyDialog } from './provider-key-dialog.js';
import { SectionHead } from './section-head.js';

/** The projects’ own accounts with providers. A secret goes in and never comes out. */
export function ProviderKeysSection() {
  const found = useInfiniteQuery(providerKeys);
  const may = usePermission('admin');
  const [editing, setEditing] = useState<ProviderKey | 'new' | null>(null);
  const [deleting, setDeleting] = useState<ProviderKey | null>(null);
  return (
    <Stack gap="md">
      <SectionHead
        note="A project with its own key for a provider sends its requests over it, and pays the provider itself: they are counted, and not charged to credits."
        action={
          may.allowed && { label: 'New provider key', icon: <IconPlus size={16} />, run: () => setEditing('new') }
        }
      />
      <Loaded of={found} label="provider keys">
        {({ pages }) => {
          const all = pages.flatMap(({ data }) => data);
          if (all.length === 0)
            return (
              <Nothing icon={<IconKey size={30} stroke={1.4} />} title="No project brings a key of its own">
                <Text size="sm" c="dimmed">
                  Every request goes over the installation’s credentials.
                </Text>
              </Nothing>
            );
          return <List of={all} edit={setEditing} remove={setDeleting} may={may.allowed} />;
        }}
      </Loaded>
      <More of={found} />
      {editing && <ProviderKeyDialog of={editing === 'new' ? null : editing} close={() => setEditing(null)} />}
      {deleting && (
        <Ask
          title={`Delete “${deleting.name}”?`}
          label="Delete"
          act={() => deleteProviderKey(deleting)}
          changes="provider-keys"
          close={() => setDeleting(null)}
        >
          The project’s requests to {deleting.provider} go over the installation’s credential again, and are charged to
          its credits.
        </Ask>
      )}
    </Stack>
  );
}

interface ListProps {
  readonly of: readonly ProviderKey[];
  readonly edit: (key: ProviderKey) => void;
  readonly remove: (key: ProviderKey) => void;
  readonly may: boolean;
}

function List({ of: all, edit, remove, may }: ListProps) {
  const { data: known = [] } = useQuery(projects);
  return (
    <TableFrame label="Provider keys" minWidth={780}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Provider</Table.Th>
          <Table.Th>Project</Table.Th>
          <Table.Th>Secret</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th>Created</Table.Th>
          <Table.Th data-actions>
            <span className="unseen">Actions</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {all.map((key) => (
          <Table.Tr key={key.id}>
            <Table.Td fw={550}>{key.name}</Table.Td>
            <Table.Td>{key.provider}</Table.Td>
            <Table.Td>{known.find(({ id }) => id === key.project_id)?.name ?? key.project_id}</Table.Td>
            <Table.Td>
              <MaskedKey preview={key.preview} />
            </Table.Td>
            <Table.Td>
              <Badge tone={key.status === 'active' ? 'good' : 'warning'}>
                {key.status === 'active' ? 'In use' : 'Enter it again'}
              </Badge>
              {key.status === 'reenter' && (
                <Text size="xs" c="dimmed" maw={220}>
                  The provider has moved: the secret is not sent to its new place before it is entered again.
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              {date(key.created_at)} by <Actor actor={key.created_by} />
            </Table.Td>
            <Table.Td data-actions>
              {may && (
                <RowMenu of={key.name}>
                  <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => edit(key)}>
                    Rename or replace
                  </Menu.Item>
                  <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => remove(key)}>
                    Delete
                  </Menu.Item>
                </RowMenu>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </TableFrame>
  );
}
