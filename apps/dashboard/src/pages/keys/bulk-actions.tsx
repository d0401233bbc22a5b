import { ActionBar, Button, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { Schemas } from '../../api/client.js';
import { type Batch, batchKeys, type Key } from '../../api/keys.js';
import { usePermission } from '../../app/use-permission.js';
import { IconClockX, IconPlayerPause, IconPlayerPlay, IconTag, IconTrash } from '../../parts/icons.js';
import { useChange } from '../../parts/use-change.js';
import type { Question } from './batch-question.js';
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
  const [question, setQuestion] = useState<Question | null>(null);
  const [outcome, setOutcome] = useState<BatchOutcome | null>(null);
  const batch = useChange(batchesOf, 'keys', 'projects');
  const expired = keys.filter(({ expires_at }) => expires_at !== null && Date.parse(expires_at) <= Date.now());
  const run = async (action: Batch['action'], { ttl, ...more }: Partial<Batch> = {}) => {
    const without = ttl ? keys.filter((key) => !expired.includes(key)) : keys;
    const items = await batch.run([
      { action, ids: idsOf(without), ...more },
      // A new end is for those alone whose end has come.
      { action, ids: ttl ? idsOf(expired) : [], ...more, ttl },
    ]);
    setQuestion(null);
    if (items) setOutcome({ action, items: items.map((item) => ({ ...item, name: nameOf(keys, item.id) })) });
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
        // Beside the page and not in it: a place of its own.
        role="region"
        aria-label="Selected keys"
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
          onClick={() => (expired.length > 0 ? setQuestion('enable') : void run('enable'))}
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
            expired={expired.length}
            pending={batch.pending}
            error={batch.error}
            answer={(given) => question && void run(question, given)}
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

async function batchesOf(batches: readonly Batch[]): Promise<Schemas['KeyBatchResult']['data']> {
  const results = [];
  for (const each of batches) if (each.ids.length > 0) results.push(...(await batchKeys(each)).data);
  return results;
}

const idsOf = (keys: readonly Key[]) => keys.map(({ id }) => id);

function nameOf(keys: readonly Key[], wanted: string): string {
  return keys.find(({ id }) => id === wanted)?.name ?? wanted;
}
