import { ActionIcon, Badge, Select, Stack, Table, Text, Title, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { mayManage, ROLES } from '#domain/access/scope';
import { type Member, members, type Role, removeMember, updateMember } from '../../api/people.js';
import { session } from '../../api/session.js';
import { Ask } from '../../parts/ask.js';
import { IconTrash, IconUserPlus } from '../../parts/icons.js';
import { Loaded } from '../../parts/loaded.js';
import { TableFrame } from '../../parts/table-frame.js';
import { TimeAgo } from '../../parts/time-ago.js';
import { useDeed } from '../../parts/use-deed.js';
import { useIsPhone } from '../../parts/use-is-phone.js';
import { Invitations } from './invitations.js';
import { InviteDialog } from './invite-dialog.js';
import { SectionHead } from './section-head.js';

export function MembersSection() {
  const found = useQuery(members);
  const { data: here } = useQuery(session);
  const isPhone = useIsPhone();
  const [inviting, setInviting] = useState(false);
  const me = here?.member;
  const manages = me?.role === 'owner' || me?.role === 'admin';
  return (
    <Stack gap="lg">
      <SectionHead
        note="Owners may everything, admins all but touch owners, members make and change keys, viewers look."
        action={manages && { label: 'Invite', icon: <IconUserPlus size={16} />, run: () => setInviting(true) }}
      />
      <Loaded of={found} label="members">
        {(people) => (
          <TableFrame label="Members" minWidth={isPhone ? 0 : undefined}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                {!isPhone && <Table.Th>E-mail</Table.Th>}
                <Table.Th>Role</Table.Th>
                {!isPhone && <Table.Th>Last sign-in</Table.Th>}
                <Table.Th data-actions>
                  <span className="unseen">Actions</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {people.map((member) => (
                <Row key={member.id} of={member} me={me} isPhone={isPhone} />
              ))}
            </Table.Tbody>
          </TableFrame>
        )}
      </Loaded>
      {manages && (
        <>
          <Title order={2} size="h4">
            Invitations
          </Title>
          <Invitations />
        </>
      )}
      {inviting && <InviteDialog close={() => setInviting(false)} />}
    </Stack>
  );
}

interface RowProps {
  readonly of: Member;
  readonly me: Member | undefined;
  readonly isPhone: boolean;
}

function Row({ of: member, me, isPhone }: RowProps) {
  const run = useDeed('members');
  const [asking, setAsking] = useState(false);
  const may = me !== undefined && mayManage(me.role, member.role) && me.id !== member.id;
  const setRole = (role: Role) => run(() => updateMember(member, { role }), `${member.name} is ${role} now.`);
  return (
    <Table.Tr>
      <Table.Td fw={550}>
        {member.name}
        {me?.id === member.id && (
          <Badge ml={8} size="xs" variant="light" color="gray" tt="none">
            you
          </Badge>
        )}
        {isPhone && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {member.email}
            <br />
            signed in: <TimeAgo at={member.last_sign_in_at} />
          </Text>
        )}
      </Table.Td>
      {!isPhone && <Table.Td>{member.email}</Table.Td>}
      <Table.Td>
        {may ? (
          <Select
            size="xs"
            w={110}
            aria-label={`Role of ${member.name}`}
            data={ROLES.filter((role) => mayManage(me.role, role))}
            value={member.role}
            onChange={(role) => role && setRole(role as Role)}
          />
        ) : (
          member.role
        )}
      </Table.Td>
      {!isPhone && (
        <Table.Td>
          <TimeAgo at={member.last_sign_in_at} />
        </Table.Td>
      )}
      <Table.Td data-actions>
        {may && (
          <Tooltip label="Remove">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove ${member.name}`}
              onClick={() => setAsking(true)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        {asking && (
          <Ask
            title={`Remove ${member.name}?`}
            label="Remove"
            act={() => removeMember(member)}
            changes="members"
            close={() => setAsking(false)}
          >
            All their sessions end at once. Keys they made stay.
          </Ask>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
