import { Button, Menu } from '@mantine/core';
import { exportAddress, type UsageQuery } from '../../api/usage.js';
import { IconDownload } from '../../parts/icons.js';

/** All the rows of what one looks at, also those that no page has room for. */
export function ExportMenu({ query }: { readonly query: UsageQuery }) {
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={exportAddress(query, 'csv')} download>
          CSV
        </Menu.Item>
        <Menu.Item component="a" href={exportAddress(query, 'json')} download>
          JSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
