import { Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changed } from '../../api/changed.js';
import { deleteKey, type Key } from '../../api/keys.js';
import { type Report, type UsageQuery, usageReport } from '../../api/usage.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { DAY, relative } from '../../parts/moments.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useAction } from '../../parts/use-action.js';
import { said } from './receipt.js';

interface DeleteKeyProps {
  readonly of: Key;
  readonly close: () => void;
  readonly deleted?: () => Promise<void>;
}

/** For good, so it asks for the name: a wrong row is noticed here or never. */
export function DeleteKey({ of: key, close, deleted }: DeleteKeyProps) {
  const [typed, setTyped] = useState('');
  const queries = useQueryClient();
  const deletion = useAction(deleteKey);
  const { data: today } = useQuery(usageReport(todayOf(key, Date.now())));
  const submit = async () => {
    const done = await deletion.run(key);
    if (!done) return;
    // Before its own page would ask for it again.
    await deleted?.();
    await changed(queries, 'keys', 'projects');
    notifications.show({ message: `“${key.name}” is deleted. ${said(done.receipt)}` });
    close();
  };
  return (
    <Modal opened onClose={close} title={`Delete “${key.name}”?`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack>
          {deletion.error !== null && <ProblemView error={deletion.error} />}
          <Text size="sm">
            Whatever uses it is refused from now on, on every gateway. It cannot be undone. {busynessOf(key, today)}
          </Text>
          <TextInput
            label={`Type ${key.name} to confirm`}
            data-autofocus
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
          <DialogButtons
            label="Delete for good"
            color="red"
            pending={deletion.pending}
            disabled={typed.trim() !== key.name}
            cancel={close}
          />
        </Stack>
      </form>
    </Modal>
  );
}

/** The ledger’s day, which is that of UTC. */
function todayOf({ id }: Key, now: number): UsageQuery {
  const start = now - (now % DAY);
  const iso = (time: number) => new Date(time).toISOString();
  return { start: iso(start), end: iso(start + DAY), bucket: '1d', key: id };
}

/** Whoever deletes a key that is busy should know. */
function busynessOf({ last_used_at }: Key, today: Report | undefined): string {
  if (last_used_at === null) return 'It was never used.';
  const count = today?.rows.reduce((sum, { requests, denied }) => sum + requests + denied, 0);
  const much =
    count === undefined
      ? ''
      : `, and made ${count === 1 ? '1 request' : `${count.toLocaleString('en')} requests`} today`;
  return `It was last used ${relative(last_used_at, Date.now())}${much}.`;
}
