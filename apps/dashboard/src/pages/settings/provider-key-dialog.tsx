import { Modal, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { NewProviderKey, ProviderKeyChange } from '#contracts/admin-provider-keys';
import { providers } from '../../api/catalogue.js';
import type { Schemas } from '../../api/client.js';
import { projects } from '../../api/projects.js';
import { createProviderKey, type ProviderKey, readProviderKey, updateProviderKey } from '../../api/provider-keys.js';
import { useProject } from '../../app/use-project.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { errorsOf, focusFirst, refusedField } from '../../parts/form-errors.js';
import { ProblemView } from '../../parts/problem-view.js';
import { TheirChange } from '../../parts/their-change.js';
import { useEdit } from '../../parts/use-edit.js';

interface ProviderKeyDialogProps {
  /** Null for a new one. */
  readonly of: ProviderKey | null;
  readonly close: () => void;
}

/** The secret is in this form until it is sent, and nowhere after: what is there already is never shown. */
export function ProviderKeyDialog({ of: key, close }: ProviderKeyDialogProps) {
  const { project } = useProject();
  const { data: all = [] } = useQuery(projects);
  const { data: sources = [] } = useQuery(providers);
  const saving = useEdit(
    key,
    {
      save: (seen, fields: Fields) =>
        seen === null ? createProviderKey(fields) : updateProviderKey(seen, changeOf(fields)),
      reread: async () => key && readProviderKey(key),
    },
    'provider-keys',
  );
  const form = useForm<Fields>({
    initialValues: {
      project_id: key?.project_id ?? project?.id ?? '',
      provider: key?.provider ?? '',
      name: key?.name ?? '',
      secret: '',
    },
    validate: (fields) =>
      key === null ? errorsOf(NewProviderKey, fields) : errorsOf(ProviderKeyChange, changeOf(fields)),
  });
  const submit = async (fields: Fields) => {
    const saved = await saving.save(fields);
    if (!saved) return;
    notifications.show({ message: `“${saved.name}” is saved.` });
    close();
  };
  const refused = refusedField(saving.error);
  return (
    <Modal opened onClose={close} title={key === null ? 'New provider key' : `Edit “${key.name}”`}>
      <form noValidate onSubmit={form.onSubmit((fields) => void submit(fields), focusFirst)}>
        <Stack>
          {saving.error !== null && Object.keys(refused).length === 0 && <ProblemView error={saving.error} />}
          {key && (
            <TheirChange
              what="this provider key"
              seen={factsOf(key)}
              theirs={saving.theirs && factsOf(saving.theirs)}
            />
          )}
          <Select
            label="Project"
            disabled={key !== null}
            data={all.map(({ id, name }) => ({ value: id, label: name }))}
            {...form.getInputProps('project_id')}
          />
          <Select
            label="Provider"
            placeholder="Choose a provider"
            searchable
            disabled={key !== null}
            data={sources.map(({ id }) => id)}
            {...form.getInputProps('provider')}
            error={form.errors.provider && 'Choose a provider.'}
          />
          <TextInput
            label="Name"
            data-autofocus
            maxLength={100}
            {...form.getInputProps('name')}
            error={form.errors.name ?? refused.name}
          />
          <PasswordInput
            label={key === null ? 'Secret' : 'New secret'}
            description={
              key === null
                ? 'As the provider gave it to you. It is sealed at once and never shown again.'
                : `Empty: ${key.preview} stays. With another one, the next request goes over that.`
            }
            autoComplete="off"
            {...form.getInputProps('secret')}
            error={form.errors.secret ?? refused.secret}
          />
          <DialogButtons label={key === null ? 'Add key' : 'Save'} pending={saving.pending} cancel={close} />
        </Stack>
      </form>
    </Modal>
  );
}

type Fields = Schemas['NewProviderKey'];

function factsOf({ name, preview, status }: ProviderKey) {
  return { name, secret: preview, status };
}

function changeOf({ name, secret }: Fields): Schemas['ProviderKeyChange'] {
  return { name, ...(secret === '' ? {} : { secret }) };
}
