import { ActionBar, Button, Text } from '@mantine/core';
import { IconClockX, IconPlayerPause, IconPlayerPlay, IconTag, IconTrash } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { type Batch, batchKeys, type Key } from '../../api/keys.js';
import { usePermission } from '../../app/use-permission.js';
import { useChange } from '../../parts/use-change.js';
import { type BatchOutcome, BatchResult } from './batch-result.js';
import styles from './keys-page.module.css';

const BatchQuestion = lazy(async () => ({ default: (await import('./batch-question.js')).BatchQuestion }));

interface BulkActionsProps {
  readonly keys: readonly Key[];
  readonly clear: () => void;
}

/** The same to all selected keys. Each succeeds or fails on its own, and says so. */
export function BulkActions({ keys, clear }: BulkActionsProps) {
  const may = usePermission('write');
  const [question, setQuestion] = useState<'delete' | 'expire' | 'tag' | null>(null);
  const [outcome, setOutcome] = useState<BatchOutcome | null>(null);
  const batch = useChange(batchKeys, 'keys', 'projects');
  const run = async (action: Batch['action'], more: Partial<Batch> = {}) => {
    const result = await batch.run({ action, ids: keys.map(({ id }) => id), ...more });
    setQuestion(null);
    if (result) setOutcome({ action, items: result.data.map((item) => ({ ...item, name: nameOf(keys, item.id) })) });
  };
  const done = () => {
    setOutcome(null);
    clear();
  };
  return (
    <>
      <ActionBar
        opened={may.allowed && keys.length > 0 && outcome === null}
        onClose={clear}
        closeOnEscape
        withinPortal
        className={styles.bar}
      >
        <Text size="sm" fw={550} px="xs" aria-live="polite">
          {keys.length} selected
        </Text>
        <ActionBar.Divider />
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconPlayerPlay size={14} />}
          onClick={() => void run('enable')}
        >
          Enable
        </Button>
        <Button
          size="xs"
          variant="subtle"
          leftSection={<IconPlayerPause size={14} />}
          onClick={() => void run('disable')}
        >
          Disable
        </Button>
        <Button size="xs" variant="subtle" leftSection={<IconClockX size={14} />} onClick={() => setQuestion('expire')}>
          Expire
        </Button>
        <Button size="xs" variant="subtle" leftSection={<IconTag size={14} />} onClick={() => setQuestion('tag')}>
          Tag
        </Button>
        <Button
          size="xs"
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={14} />}
          onClick={() => setQuestion('delete')}
        >
          Delete
        </Button>
        <ActionBar.CloseButton aria-label="Clear the selection" />
      </ActionBar>
      {(question || batch.error !== null) && (
        <Suspense>
          <BatchQuestion
            question={question}
            count={keys.length}
            pending={batch.pending}
            error={batch.error}
            answer={(tags) => void run(question ?? 'tag', question === 'tag' ? { tags } : {})}
            cancel={() => {
              setQuestion(null);
              batch.forget();
            }}
          />
        </Suspense>
      )}
      {outcome && <BatchResult outcome={outcome} close={done} />}
    </>
  );
}

function nameOf(keys: readonly Key[], wanted: string): string {
  return keys.find(({ id }) => id === wanted)?.name ?? wanted;
}
