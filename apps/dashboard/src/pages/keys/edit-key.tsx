import { Modal, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { KeyPatch } from '#contracts/admin-keys';
import { ttl as ttlContract } from '#contracts/key';
import type { Schemas } from '../../api/client.js';
import type { Key } from '../../api/keys.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { errorsOf, focusFirst } from '../../parts/form-errors.js';
import { dateTime } from '../../parts/moments.js';
import { ProblemView } from '../../parts/problem-view.js';
import { TheirChange } from '../../parts/their-change.js';
import { useRefused } from '../../parts/use-refused.js';
import { endOf, type TtlFields, tagsOf, ttlOf, writtenTags } from './key-form.js';
import { ScopesField } from './scopes-field.js';
import { TagsField } from './tags-field.js';
import { TtlField } from './ttl-field.js';
import { factsOf, useKeyChange } from './use-key-change.js';

interface Fields {
  name: string;
  tags: string[];
  scopes: string[];
  /** It expires as it did, never, or so long from now. */
  expiry: 'kept' | 'never' | 'new';
  ttl: TtlFields;
}

export function EditKey({ of: key, close }: { readonly of: Key; readonly close: () => void }) {
  const change = useKeyChange(key, close);
  const form = useForm<Fields>({
    initialValues: {
      ...{ name: key.name, tags: writtenTags(key.tags), scopes: [...key.scopes] },
      ...{ expiry: 'kept', ttl: { value: 30, unit: 'days' } },
    },
    validate: (fields) => ({
      ...errorsOf(KeyPatch, bodyOf(key, fields)),
      ...(fields.expiry === 'new' ? ttlErrors(fields.ttl) : {}),
    }),
  });
  const elsewhere = useRefused(form, change.error);
  const { errors } = form;
  return (
    <Modal opened onClose={close} title={`Edit “${key.name}”`}>
      <form noValidate onSubmit={form.onSubmit((fields) => void change.save(bodyOf(key, fields)), focusFirst)}>
        <Stack>
          {elsewhere !== null && <ProblemView error={elsewhere} />}
          <TheirChange what="this key" seen={factsOf(key)} theirs={change.theirs && factsOf(change.theirs)} />
          <TextInput label="Name" data-autofocus maxLength={100} {...form.getInputProps('name')} />
          <TagsField {...form.getInputProps('tags')} errors={errors} />
          <Radio.Group label="Expiration" {...form.getInputProps('expiry')}>
            <Stack gap={8} pt={6}>
              <Radio
                value="kept"
                label={key.expires_at ? `As it is: ${dateTime(key.expires_at)}` : 'As it is: never'}
              />
              {key.expires_at !== null && key.status !== 'expired' && <Radio value="never" label="Never" />}
              {key.status !== 'expired' && <Radio value="new" label="After a time from now" />}
            </Stack>
          </Radio.Group>
          {form.values.expiry === 'new' && (
            <TtlField
              ttl={form.values.ttl}
              change={(ttl) => form.setFieldValue('ttl', ttl)}
              error={String(errors.ttl ?? '') || undefined}
            />
          )}
          {key.status === 'expired' && (
            <Text size="xs" c="dimmed">
              It has expired: enable it to give it a new time.
            </Text>
          )}
          <ScopesField {...form.getInputProps('scopes')} />
          <DialogButtons label="Save" pending={change.pending} cancel={close} />
        </Stack>
      </form>
    </Modal>
  );
}

/** The field is sent as the moment it means: how long that may be is for the contract of the field to say. */
function ttlErrors(fields: TtlFields): Record<string, string> {
  const [wrong] = Object.values(errorsOf(ttlContract, ttlOf(fields)));
  return wrong === undefined ? {} : { ttl: wrong };
}

/** Tags are merged by the server: one that is to go is named with null. */
function bodyOf(key: Key, fields: Fields): Schemas['KeyPatch'] {
  const wanted = tagsOf(fields.tags);
  const gone = Object.keys(key.tags).filter((name) => !(name in wanted));
  return {
    name: fields.name,
    tags: { ...wanted, ...Object.fromEntries(gone.map((name) => [name, null])) },
    scopes: fields.scopes as Schemas['KeyPatch']['scopes'],
    ...expiryOf(fields),
  };
}

function expiryOf({ expiry, ttl }: Fields): Pick<Schemas['KeyPatch'], 'expires_at'> {
  if (expiry === 'kept') return {};
  const end = expiry === 'never' ? null : endOf(ttl, Date.now());
  return { expires_at: end === null ? null : new Date(end).toISOString() };
}
