import { Button, Group, Text } from '@mantine/core';
import { useRouterState } from '@tanstack/react-router';
import type { Schemas } from '../../api/client.js';
import type { KeyListProps } from './key-list-props.js';
import { filtersOf, PAGE_SIZE } from './key-search.js';

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The cursors of the pages one came by, the first of which has none. An address says where one is, not by which way. */
    came?: readonly string[];
  }
}

interface KeyPagingProps extends Pick<KeyListProps, 'search' | 'look'> {
  readonly page: Schemas['KeyPage'];
}

export function KeyPaging({ search, look, page }: KeyPagingProps) {
  const came = useRouterState({ select: ({ location }) => location.state.came }) ?? [];
  const cursor = search.cursor ?? '';
  if (!cursor && !page.has_more) return null;
  const to = (next: string | undefined, by: readonly string[]) => look({ cursor: next || undefined }, by);
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed">
        {whereIs(page, search, came)}
      </Text>
      <Group gap="xs">
        <Button variant="default" size="xs" disabled={!cursor} onClick={() => to(undefined, [])}>
          First page
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={!cursor || came.length === 0}
          onClick={() => to(came.at(-1), came.slice(0, -1))}
        >
          Previous page
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={!page.has_more}
          onClick={() => to(page.next_cursor ?? undefined, [...came, cursor])}
        >
          Next page
        </Button>
      </Group>
    </Group>
  );
}

/** “51–100 of 520”, where that is known: pages are full where nothing is left out of them, and counted from the first. */
function whereIs(
  { data, counts }: Schemas['KeyPage'],
  search: KeyListProps['search'],
  came: readonly string[],
): string {
  const isCounted = !search.cursor || came[0] === '';
  if (!isCounted || Object.keys(filtersOf(search)).length > 0) return `${data.length} keys on this page`;
  const before = search.cursor ? came.length * PAGE_SIZE : 0;
  const { active, inactive } = counts;
  const all = { active, inactive, all: active + inactive }[search.tab ?? 'active'];
  return `${before + 1}–${before + data.length} of ${all.toLocaleString('en')}`;
}
