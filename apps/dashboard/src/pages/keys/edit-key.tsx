import { Modal, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { KeyPatch } from '#contracts/admin-keys';
import type { Schemas } from '../../api/client.js';
import type { Key } from '../../api/keys.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { errorsOf, focusFirst, refusedField } from '../../parts/form-errors.js';
import { ProblemView } from '../../parts/problem-view.js';
import { TheirChange } from '../../parts/their-change.js';
import { tagsOf, writtenTags } from './key-form.js';
import { factsOf, useKeyChange } from './use-key-change.js';

interface Fields {
  name: string;
  tags: string[];
}

export function EditKey({ of: key, close }: { readonly of: Key; readonly close: () => void }) {
  const change = useKeyChange(key, close);
  const form = useForm<Fields>({
    initialValues: { name: key.name, tags: writtenTags(key.tags) },
    validate: (fields) => errorsOf(KeyPatch, bodyOf(key, fields)),
  });
  const refused = refusedField(change.error);
  return (
    <Modal opened onClose={close} title={`Edit “${key.name}”`}>
      <form noValidate onSubmit={form.onSubmit((fields) => void change.save(bodyOf(key, fields)), focusFirst)}>
        <Stack>
          {change.error !== null && Object.keys(refused).length === 0 && <ProblemView error={change.error} />}
          <TheirChange what="this key" seen={factsOf(key)} theirs={change.theirs && factsOf(change.theirs)} />
          <TextInput
            label="Name"
            data-autofocus
            maxLength={100}
            {...form.getInputProps('name')}
            error={form.errors.name ?? refused.name}
          />
          <TagsInput
            label="Tags"
            description="“team: search”, or one word. Enter adds one."
            {...form.getInputProps('tags')}
            error={form.errors.tags ?? refused.tags}
          />
          <DialogButtons label="Save" pending={change.pending} cancel={close} />
        </Stack>
      </form>
    </Modal>
  );
}

/** Tags are merged by the server: one that is to go is named with null. */
function bodyOf(key: Key, fields: Fields): Schemas['KeyPatch'] {
  const wanted = tagsOf(fields.tags);
  const gone = Object.keys(key.tags).filter((name) => !(name in wanted));
  return { name: fields.name, tags: { ...wanted, ...Object.fromEntries(gone.map((name) => [name, null])) } };
}
