import { Alert, Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changed } from '../../api/changed.js';
import { finishRotation, type Key, rotateKey, type Ttl } from '../../api/keys.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { IconAlertTriangle } from '../../parts/icons.js';
import { MaskedKey } from '../../parts/masked-key.js';
import { dateTime } from '../../parts/moments.js';
import { ProblemView } from '../../parts/problem-view.js';
import { TimeAgo } from '../../parts/time-ago.js';
import { useAction } from '../../parts/use-action.js';
import { useChange } from '../../parts/use-change.js';
import { endOf } from './key-form.js';
import type { OpenDialog } from './open-dialog.js';
import { said } from './receipt.js';

interface RotateKeyProps {
  readonly of: Key;
  readonly open: (dialog: OpenDialog) => void;
  readonly close: () => void;
}

const GRACES: readonly { name: string; label: string; grace: Ttl }[] = [
  { name: 'now', label: 'Not at all: it stops now', grace: { value: 0, unit: 'minutes' } },
  { name: '15m', label: '15 minutes', grace: { value: 15, unit: 'minutes' } },
  { name: '1h', label: '1 hour', grace: { value: 1, unit: 'hours' } },
  { name: '24h', label: '24 hours', grace: { value: 24, unit: 'hours' } },
  { name: '7d', label: '7 days', grace: { value: 7, unit: 'days' } },
];

/** A new secret for the same key: id, limits, rules and what is spent stay. The old one may go on for a while. */
export function RotateKey({ of: key, open, close }: RotateKeyProps) {
  const [chosen, setChosen] = useState('24h');
  const queries = useQueryClient();
  const rotation = useAction(rotateKey);
  const grace = GRACES.find(({ name }) => name === chosen)?.grace ?? { value: 24, unit: 'hours' };
  const submit = async () => {
    const rotated = await rotation.run(key, { grace });
    if (!rotated) return;
    // Nobody waits for a list before a secret is seen.
    void changed(queries, 'keys');
    if (rotated.key) open({ kind: 'secret', name: key.name, secret: rotated.key, rotated: true });
    else close();
  };
  const end = endOf(grace, Date.now());
  const expiry = key.expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(key.expires_at);
  const isExpired = expiry <= Date.now();
  return (
    <Modal opened onClose={close} title={`Rotate “${key.name}”`}>
      <Stack>
        {rotation.error !== null && <ProblemView error={rotation.error} />}
        {key.previous && <UnderWay of={key} close={close} />}
        <Text size="sm">
          It gets a new secret; its name, limits, rules and usage stay. The one in use now is{' '}
          <MaskedKey preview={key.preview} />, last used <TimeAgo at={key.last_used_at} never="never" />.
        </Text>
        <Radio.Group label="How long the old secret goes on working" value={chosen} onChange={setChosen}>
          <Stack gap={8} pt={8}>
            {GRACES.map(({ name, label }) => (
              <Radio key={name} size="sm" value={name} label={label} />
            ))}
          </Stack>
        </Radio.Group>
        {isExpired && (
          <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={18} />} title="This key has expired">
            Neither secret works before it is enabled with a new expiration: do that as well, before or after.
          </Alert>
        )}
        {end !== null && !isExpired && (
          <Text size="xs" c="dimmed">
            Until {dateTime(Math.min(end, expiry))}
            {end > expiry ? ', when the key itself expires' : ''}.
          </Text>
        )}
        <DialogButtons label="Rotate" pending={rotation.pending} cancel={close} act={() => void submit()} />
      </Stack>
    </Modal>
  );
}

/** Both secrets work: whether the old one is still in use decides whether it can go. */
function UnderWay({ of: key, close }: Pick<RotateKeyProps, 'of' | 'close'>) {
  const finish = useChange(finishRotation, 'keys');
  if (!key.previous) return null;
  const submit = async () => {
    const done = await finish.run(key);
    if (!done) return;
    notifications.show({ message: `The old secret of “${key.name}” stopped working. ${said(done.receipt)}` });
    close();
  };
  return (
    <Alert color="iris" variant="light" title="A rotation is under way">
      <Stack gap="xs">
        <Text size="sm">
          The old secret <MaskedKey preview={key.previous.preview} /> works until {dateTime(key.previous.valid_until)}.
          It was last used <TimeAgo at={key.previous.last_used_at} never="never" />.
        </Text>
        {finish.error !== null && <ProblemView error={finish.error} />}
        <Group>
          <Button size="xs" variant="default" loading={finish.pending} onClick={() => void submit()}>
            Finish now
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
