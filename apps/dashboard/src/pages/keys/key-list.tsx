import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { ProblemView } from '../../parts/problem-view.js';
import { EmptyKeys } from './empty-keys.js';
import { KeyCards } from './key-cards.js';
import type { KeyListProps } from './key-list-props.js';
import { KeyTable } from './key-table.js';
import styles from './keys-page.module.css';

export function KeyList(props: KeyListProps) {
  const { found, search, look, project } = props;
  const isPhone = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const retry = () => void found.refetch();
  if (found.isPending) return <Waiting />;
  const { data, error } = found;
  if (!data) return <ProblemView error={error} retry={retry} />;
  return (
    <Stack gap="sm" aria-busy={found.isPlaceholderData} className={styles.list}>
      {error && <ProblemView error={error} retry={retry} staleSince={found.dataUpdatedAt} />}
      {data.data.some(({ usage }) => usage === null) && (
        <Text size="sm" c="dimmed" role="status">
          Usage cannot be told right now; the keys themselves are as shown.
        </Text>
      )}
      {data.data.length === 0 && !data.has_more ? (
        <EmptyKeys search={search} look={look} project={project} create={() => props.open({ kind: 'create' })} />
      ) : isPhone ? (
        <KeyCards {...props} keys={data.data} />
      ) : (
        <KeyTable {...props} keys={data.data} />
      )}
      {(search.cursor || data.has_more) && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {data.data.length} keys on this page
          </Text>
          <Group gap="xs">
            <Button variant="default" size="xs" disabled={!search.cursor} onClick={() => look({ cursor: undefined })}>
              First page
            </Button>
            <Button
              variant="default"
              size="xs"
              disabled={!data.has_more}
              onClick={() => look({ cursor: data.next_cursor ?? undefined })}
            >
              Next page
            </Button>
          </Group>
        </Group>
      )}
    </Stack>
  );
}

function Waiting() {
  return (
    <Stack gap={8} aria-busy="true" role="status" aria-label="Loading keys">
      {['a', 'b', 'c', 'd', 'e', 'f'].map((row) => (
        <Skeleton key={row} height={44} radius="md" />
      ))}
    </Stack>
  );
}
