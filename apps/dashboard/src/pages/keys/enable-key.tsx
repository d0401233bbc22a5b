import { Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { EnableKey as EnableBody } from '#contracts/admin-keys';
import { enableKey, type Key } from '../../api/keys.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { errorsOf } from '../../parts/form-errors.js';
import { dateTime } from '../../parts/moments.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useChange } from '../../parts/use-change.js';
import { type TtlFields, ttlOf } from './key-form.js';
import { TtlField } from './ttl-field.js';

/** An expired key lives again only for a time that is still to come. */
export function EnableKey({ of: key, close }: { readonly of: Key; readonly close: () => void }) {
  const [ttl, setTtl] = useState<TtlFields>({ value: 30, unit: 'days' });
  const enabling = useChange(enableKey, 'keys', 'projects');
  const body = { ttl: ttlOf(ttl) };
  const submit = async () => {
    const done = await enabling.run(key, body);
    if (!done) return;
    notifications.show({
      message: `“${key.name}” is enabled${done.expires_at ? ` until ${dateTime(done.expires_at)}` : ''}.`,
    });
    close();
  };
  return (
    <Modal opened onClose={close} title={`Enable “${key.name}”`}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack>
          {enabling.error !== null && <ProblemView error={enabling.error} />}
          <Text size="sm">
            It expired{key.expires_at ? ` on ${dateTime(key.expires_at)}` : ''}. Give it a new expiration to enable it.
          </Text>
          <TtlField ttl={ttl} change={setTtl} />
          <DialogButtons
            label="Enable"
            pending={enabling.pending}
            disabled={Object.keys(errorsOf(EnableBody, body)).length > 0}
            cancel={close}
          />
        </Stack>
      </form>
    </Modal>
  );
}
