import { Modal, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { NewWebhook } from '#contracts/admin-webhooks';
import { createWebhook } from '../../api/webhooks.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { errorsOf, focusFirst, refusedField } from '../../parts/form-errors.js';
import { ProblemView } from '../../parts/problem-view.js';
import { ShownOnce } from '../../parts/shown-once.js';
import { useChange } from '../../parts/use-change.js';

interface Values {
  url: string;
  description: string;
  events: string[];
}

const USUAL = ['*', 'key.*', 'key.leaked', 'key.disabled', 'key.rotated', 'limit.threshold'];

/** Its secret is shown once, as a key’s is: it is what your server checks the signatures with. */
export function WebhookDialog({ close }: { readonly close: () => void }) {
  const creation = useChange(createWebhook, 'webhooks');
  const [secret, setSecret] = useState<string | null>(null);
  const form = useForm<Values>({
    initialValues: { url: '', description: '', events: ['key.*'] },
    validate: (values) => errorsOf(NewWebhook, values),
  });
  const submit = async (values: Values) => {
    const made = await creation.run({ ...values, project_id: null });
    if (!made) return;
    if (made.secret) setSecret(made.secret);
    else close();
  };
  const refused = refusedField(creation.error);
  const wrongEvent = Object.entries(form.errors).find(([field]) => field.startsWith('events'))?.[1];
  return (
    <Modal opened onClose={close} size="lg" title="New webhook">
      {secret === null ? (
        <form noValidate onSubmit={form.onSubmit((values) => void submit(values), focusFirst)}>
          <Stack>
            {creation.error !== null && Object.keys(refused).length === 0 && <ProblemView error={creation.error} />}
            <TextInput
              label="Address"
              placeholder="https://hooks.example.com/keyward"
              data-autofocus
              {...form.getInputProps('url')}
              error={form.errors.url ?? refused.url}
            />
            <TextInput label="Description" {...form.getInputProps('description')} />
            <TagsInput
              label="Events"
              description="“key.leaked”, “key.*” or “*” for everything. Enter adds one."
              data={USUAL}
              {...form.getInputProps('events')}
              error={wrongEvent ?? refused.events}
            />
            <DialogButtons label="Create webhook" pending={creation.pending} cancel={close} />
          </Stack>
        </form>
      ) : (
        <ShownOnce
          note="This is the secret your server checks signatures with. It is shown this once."
          value={secret}
          label="Copy secret"
          close={close}
        />
      )}
    </Modal>
  );
}
