import { Code, Group, Menu, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteWebhook, testWebhook, updateWebhook, type Webhook, webhooks } from '../../api/webhooks.js';
import { usePermission } from '../../app/use-permission.js';
import { Ask } from '../../parts/ask.js';
import { Badge } from '../../parts/badge.js';
import {
  IconListDetails,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlus,
  IconSend,
  IconTrash,
  IconWebhook,
} from '../../parts/icons.js';
import { Loaded } from '../../parts/loaded.js';
import { Nothing } from '../../parts/nothing.js';
import { RowMenu } from '../../parts/row-menu.js';
import { TableFrame } from '../../parts/table-frame.js';
import { useDeed } from '../../parts/use-deed.js';
import { Deliveries } from './deliveries.js';
import { SectionHead } from './section-head.js';
import { WebhookDialog } from './webhook-dialog.js';

const BECAUSE = { asked: 'Paused', gone: 'Paused: it answered 410', failing: 'Paused: failing for a day' } as const;

export function WebhooksSection() {
  const found = useQuery(webhooks);
  const may = usePermission('webhook');
  const [making, setMaking] = useState(false);
  const [watched, setWatched] = useState<Webhook | null>(null);
  const [deleting, setDeleting] = useState<Webhook | null>(null);
  return (
    <Stack gap="md">
      <SectionHead
        note="What happens here, told to a server of yours, signed as the Standard Webhooks specification says."
        action={may.allowed && { label: 'New webhook', icon: <IconPlus size={16} />, run: () => setMaking(true) }}
      />
      <Loaded of={found} label="webhooks">
        {(all) =>
          all.length === 0 ? (
            <Nothing icon={<IconWebhook size={28} stroke={1.4} />} title="No webhook yet" />
          ) : (
            <TableFrame label="Webhooks" minWidth={720}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Address</Table.Th>
                  <Table.Th>Events</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th data-actions>
                    <span className="unseen">Actions</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((webhook) => (
                  <Table.Tr key={webhook.id}>
                    <Table.Td>
                      <Text span inherit className="mono" style={{ overflowWrap: 'anywhere' }}>
                        {webhook.url}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {webhook.description}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <Group gap={4}>
                        {webhook.events.map((event) => (
                          <Code key={event} fz={12}>
                            {event}
                          </Code>
                        ))}
                      </Group>
                    </Table.Td>
                    <Table.Td>
                      <Badge tone={webhook.status === 'active' ? 'good' : 'off'}>
                        {webhook.status === 'active' ? 'Active' : BECAUSE[webhook.paused_because ?? 'asked']}
                      </Badge>
                    </Table.Td>
                    <Table.Td data-actions>
                      <Actions
                        of={webhook}
                        may={may.allowed}
                        watch={() => setWatched(webhook)}
                        remove={() => setDeleting(webhook)}
                      />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </TableFrame>
          )
        }
      </Loaded>
      {making && <WebhookDialog close={() => setMaking(false)} />}
      {watched && <Deliveries of={watched} close={() => setWatched(null)} />}
      {deleting && (
        <Ask
          title="Delete this webhook?"
          label="Delete"
          act={() => deleteWebhook(deleting.id)}
          changes="webhooks"
          close={() => setDeleting(null)}
        >
          {deleting.url} is told nothing any more, and what waits for it is dropped.
        </Ask>
      )}
    </Stack>
  );
}

interface ActionsProps {
  readonly of: Webhook;
  readonly may: boolean;
  readonly watch: () => void;
  readonly remove: () => void;
}

function Actions({ of: { id, url, status }, may, watch, remove }: ActionsProps) {
  const active = status === 'active';
  const run = useDeed('webhooks');
  const toggle = () => updateWebhook(id, { status: active ? 'paused' : 'active' });
  return (
    <RowMenu of={url}>
      <Menu.Item leftSection={<IconListDetails size={16} />} onClick={watch}>
        Deliveries
      </Menu.Item>
      {may && (
        <>
          <Menu.Item
            leftSection={<IconSend size={16} />}
            onClick={() => run(() => testWebhook(id), 'A test event is on its way.')}
          >
            Send a test event
          </Menu.Item>
          <Menu.Item
            leftSection={active ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
            onClick={() => run(toggle, active ? 'It is paused.' : 'It is active.')}
          >
            {active ? 'Pause' : 'Resume'}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={remove}>
            Delete
          </Menu.Item>
        </>
      )}
    </RowMenu>
  );
}
