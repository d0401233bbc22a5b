import { Skeleton, Stack, Text } from '@mantine/core';
import { ProblemView } from '../../parts/problem-view.js';
import { useIsPhone } from '../../parts/use-is-phone.js';
import { EmptyKeys } from './empty-keys.js';
import { KeyCards } from './key-cards.js';
import type { KeyListProps } from './key-list-props.js';
import { KeyPaging } from './key-paging.js';
import { KeyTable } from './key-table.js';
import styles from './keys-page.module.css';

export function KeyList(props: KeyListProps) {
  const { found, search, look, project } = props;
  const isPhone = useIsPhone();
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
      <KeyPaging search={search} look={look} page={data} />
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
