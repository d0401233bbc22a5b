import { Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { Key } from '../../api/keys.js';
import { usePermission } from '../../app/use-permission.js';
import {
  IconAdjustments,
  IconListDetails,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconRotate,
  IconShieldCog,
  IconTrash,
} from '../../parts/icons.js';
import { RowMenu } from '../../parts/row-menu.js';
import type { OpenDialog } from './open-dialog.js';
import { useToggle } from './use-toggle.js';

interface KeyMenuProps {
  readonly row: Key;
  readonly open: (dialog: OpenDialog) => void;
}

/** What can be done to a key. Whoever may not change it only finds the ways to look at it. */
export function KeyMenu({ row, open }: KeyMenuProps) {
  const may = usePermission('write');
  const navigate = useNavigate();
  const toggle = useToggle(open);
  const go = (tab: 'requests' | 'rules') => () =>
    void navigate({ to: '/keys/$keyId', params: { keyId: row.id }, search: { tab } });
  const off = row.status !== 'active';
  return (
    <RowMenu of={row.name}>
      <Menu.Item leftSection={<IconListDetails size={16} />} onClick={go('requests')}>
        Usage details
      </Menu.Item>
      <Menu.Item leftSection={<IconShieldCog size={16} />} onClick={go('rules')}>
        IAM rules
      </Menu.Item>
      {may.allowed && (
        <>
          <Menu.Divider />
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => open({ kind: 'edit', key: row })}>
            Edit
          </Menu.Item>
          <Menu.Item leftSection={<IconAdjustments size={16} />} onClick={() => open({ kind: 'limits', key: row })}>
            Update limits
          </Menu.Item>
          <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => open({ kind: 'rotate', key: row })}>
            Rotate
          </Menu.Item>
          <Menu.Item leftSection={<IconRotate size={16} />} onClick={() => open({ kind: 'reset', key: row })}>
            Reset usage
          </Menu.Item>
          <Menu.Item
            leftSection={off ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
            onClick={() => toggle(row)}
          >
            {off ? 'Enable' : 'Disable'}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            onClick={() => open({ kind: 'delete', key: row })}
          >
            Delete
          </Menu.Item>
        </>
      )}
    </RowMenu>
  );
}
