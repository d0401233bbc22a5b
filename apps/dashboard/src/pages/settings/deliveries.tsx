import { Button, Drawer, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deliveriesOf, redeliver, type Webhook } from '../../api/webhooks.js';
import { Badge } from '../../parts/badge.js';
import { Loaded } from '../../parts/loaded.js';
import { Nothing } from '../../parts/nothing.js';
import { TableFrame } from '../../parts/table-frame.js';
import { TimeAgo } from '../../parts/time-ago.js';
import { useDeed } from '../../parts/use-deed.js';

const TONES = { delivered: 'good', waiting: 'off', failed: 'bad' } as const;

/** What was sent to one address, and what it said to that. */
export function Deliveries({ of: webhook, close }: { readonly of: Webhook; readonly close: () => void }) {
  const found = useQuery(deliveriesOf(webhook.id));
  const run = useDeed('webhooks');
  return (
    <Drawer opened onClose={close} size={760} title={`Deliveries to ${webhook.url}`}>
      <Loaded of={found} label="deliveries">
        {(all) =>
          all.length === 0 ? (
            <Nothing title="Nothing has been sent yet" />
          ) : (
            <TableFrame label="Deliveries" minWidth={600}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>When</Table.Th>
                  <Table.Th>Event</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Answer</Table.Th>
                  <Table.Th>
                    <span className="unseen">Actions</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((delivery) => (
                  <Table.Tr key={delivery.id}>
                    <Table.Td>
                      <TimeAgo at={delivery.created_at} />
                    </Table.Td>
                    <Table.Td className="mono">{delivery.type}</Table.Td>
                    <Table.Td>
                      <Badge tone={TONES[delivery.status]}>{delivery.status}</Badge>
                      <Text size="xs" c="dimmed">
                        {delivery.tries === 1 ? '1 try' : `${delivery.tries} tries`}
                      </Text>
                    </Table.Td>
                    <Table.Td>{delivery.error ?? delivery.response_status ?? '–'}</Table.Td>
                    <Table.Td ta="right">
                      {delivery.status !== 'waiting' && (
                        <Button
                          size="compact-xs"
                          variant="default"
                          onClick={() => run(() => redeliver(delivery), 'It is sent once more.')}
                        >
                          Send again
                        </Button>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </TableFrame>
          )
        }
      </Loaded>
    </Drawer>
  );
}
