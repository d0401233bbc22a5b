import { ActionIcon, Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import { IconDots } from './icons.js';

interface RowMenuProps {
  /** Whose row it is. */
  readonly of: string;
  readonly children: ReactNode;
}

/** What can be done to what a row shows. */
export function RowMenu({ of: name, children }: RowMenuProps) {
  return (
    <Menu width={210}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${name}`}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
