import { Button, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { invitations, revokeInvitation } from '../../api/people.js';
import { Actor } from '../../parts/actor.js';
import { More } from '../../parts/more.js';
import { ProblemView } from '../../parts/problem-view.js';
import { TableFrame } from '../../parts/table-frame.js';
import { TimeAgo } from '../../parts/time-ago.js';
import { useDeed } from '../../parts/use-deed.js';

export function Invitations() {
  const found = useInfiniteQuery(invitations);
  const run = useDeed('invitations');
  const all = found.data?.pages.flatMap(({ data }) => data) ?? [];
  if (found.error) return <ProblemView error={found.error} retry={() => void found.refetch()} />;
  if (all.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nobody has been invited yet.
      </Text>
    );
  return (
    <>
      <TableFrame label="Invitations">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>E-mail</Table.Th>
            <Table.Th>Role</Table.Th>
            <Table.Th>Invited by</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>
              <span className="unseen">Actions</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {all.map(({ id, email, role, invited_by, status, expires_at }) => (
            <Table.Tr key={id}>
              <Table.Td>{email}</Table.Td>
              <Table.Td>{role}</Table.Td>
              <Table.Td>
                <Actor actor={invited_by} />
              </Table.Td>
              <Table.Td>
                {status === 'open' ? (
                  <>
                    open, ends <TimeAgo at={expires_at} />
                  </>
                ) : (
                  status
                )}
              </Table.Td>
              <Table.Td ta="right">
                {status === 'open' && (
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => run(() => revokeInvitation(id), 'The invitation is taken back.')}
                  >
                    Take back
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </TableFrame>
      <More of={found} label="Show older" />
    </>
  );
}
