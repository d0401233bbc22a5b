import {
  Avatar,
  Group,
  Menu,
  SegmentedControl,
  Stack,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Member } from '../api/people.js';
import { SESSION, signOut } from '../api/session.js';
import { IconBook, IconLogout, IconPassword, IconSelector } from '../parts/icons.js';
import styles from './shell.module.css';

/** Seldom opened, and heavier than the menu. */
const PasswordDialog = lazy(async () => ({ default: (await import('./password-dialog.js')).PasswordDialog }));

const SCHEMES = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'System' },
] as const;

export function PersonMenu({ member }: { readonly member: Member }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [changing, { open, close }] = useDisclosure();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: signOut,
    // Also where the session was gone already: nothing of it stays on this screen.
    onSettled: async () => {
      queries.clear();
      queries.setQueryData(SESSION, null);
      await navigate({ to: '/sign-in' });
    },
  });
  return (
    <>
      <Menu position="top-start" width={232}>
        <Menu.Target>
          <UnstyledButton className={styles.person}>
            <span className="unseen">Account</span>
            <Group gap="sm" wrap="nowrap">
              <Avatar size={30} radius="xl" name={member.name} color="initials" aria-hidden />
              <Stack gap={0} flex={1} miw={0}>
                <Text size="sm" fw={550} truncate>
                  {member.name}
                </Text>
                <Text size="xs" c="dimmed" truncate>
                  {member.role}
                </Text>
              </Stack>
              <IconSelector size={16} />
            </Group>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{member.email}</Menu.Label>
          <SegmentedControl
            aria-label="Colours"
            fullWidth
            size="xs"
            m={6}
            data={[...SCHEMES]}
            value={colorScheme}
            onChange={(scheme) => setColorScheme(scheme as (typeof SCHEMES)[number]['value'])}
          />
          <Menu.Divider />
          <Menu.Item leftSection={<IconPassword size={16} />} onClick={open}>
            Change password
          </Menu.Item>
          <Menu.Item leftSection={<IconBook size={16} />} component="a" href="/docs">
            API documentation
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leave.mutate()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {changing && (
        <Suspense>
          <PasswordDialog close={close} />
        </Suspense>
      )}
    </>
  );
}
