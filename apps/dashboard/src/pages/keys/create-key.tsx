import { Accordion, Button, Checkbox, Drawer, Group, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { NewKey } from '#contracts/admin-keys';
import { SCOPES } from '#domain/access/scope';
import { changed } from '../../api/changed.js';
import type { Schemas } from '../../api/client.js';
import { createKey, type Ttl } from '../../api/keys.js';
import { errorsOf, refusedField } from '../../parts/form-errors.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useAction } from '../../parts/use-action.js';
import { type LimitFields, limitsOf, NO_LIMITS, tagsOf } from './key-form.js';
import { RateFields, SpendFields } from './limit-fields.js';
import type { KeyDialogsProps } from './open-dialog.js';
import { TtlField } from './ttl-field.js';

interface Fields extends LimitFields {
  name: string;
  expires: boolean;
  ttl: Ttl;
  scopes: string[];
  tags: string[];
}

const EMPTY: Fields = {
  ...NO_LIMITS,
  name: '',
  expires: false,
  ttl: { value: 30, unit: 'days' },
  scopes: ['read'],
  tags: [],
};

const SCOPE_TEXTS: Record<(typeof SCOPES)[number], string> = {
  read: 'Call models, and read',
  write: 'Create and change keys and projects',
  admin: 'Everything',
  webhook: 'Manage webhooks',
};

export function CreateKey({ project, open, close }: Pick<KeyDialogsProps, 'project' | 'open' | 'close'>) {
  const queries = useQueryClient();
  const creation = useAction(createKey);
  const form = useForm<Fields>({
    initialValues: EMPTY,
    validate: (fields) => errorsOf(NewKey, bodyOf(fields, project.id)),
  });

  const submit = async (fields: Fields) => {
    const made = await creation.run(bodyOf(fields, project.id));
    if (!made) return;
    // Nobody waits for a list before a secret is seen.
    void changed(queries, 'keys', 'projects');
    if (made.key) open({ kind: 'secret', name: made.name, secret: made.key, rotated: false });
    else close();
  };
  const errors = { ...refusedField(creation.error), ...form.errors };
  const elsewhere = creation.error !== null && Object.keys(refusedField(creation.error)).length === 0;

  return (
    <Drawer opened onClose={close} title="Create new key" size={460}>
      <form
        noValidate
        onSubmit={form.onSubmit(
          (fields) => void submit(fields),
          (wrong) =>
            document.querySelector<HTMLElement>(`[data-path="${Object.keys(wrong)[0]?.split('.')[0]}"]`)?.focus(),
        )}
      >
        <Stack gap="lg">
          {elsewhere && <ProblemView error={creation.error} />}
          <TextInput
            label="Name"
            placeholder="What will use it: ci, production, a person"
            withAsterisk
            data-autofocus
            maxLength={100}
            {...form.getInputProps('name')}
            error={errors.name}
          />
          <Stack gap="xs">
            <Switch
              label="Expiration"
              description={form.values.expires ? undefined : 'Off: the key never expires.'}
              {...form.getInputProps('expires', { type: 'checkbox' })}
            />
            {form.values.expires && (
              <TtlField
                ttl={form.values.ttl}
                change={(ttl) => form.setFieldValue('ttl', ttl)}
                error={String(errors['ttl.value'] ?? errors.ttl ?? '') || undefined}
              />
            )}
          </Stack>
          <SpendFields form={form} currency={project.currency} />
          <Accordion variant="separated" chevronPosition="left">
            <Accordion.Item value="rates">
              <Accordion.Control>Rate limits</Accordion.Control>
              <Accordion.Panel>
                <RateFields form={form} />
              </Accordion.Panel>
            </Accordion.Item>
            <Accordion.Item value="more">
              <Accordion.Control>Permissions and tags</Accordion.Control>
              <Accordion.Panel>
                <Stack gap="md">
                  <Checkbox.Group label="What it may do" {...form.getInputProps('scopes')}>
                    <Stack gap={8} pt={6}>
                      {SCOPES.map((scope) => (
                        <Checkbox key={scope} size="xs" value={scope} label={`${scope}: ${SCOPE_TEXTS[scope]}`} />
                      ))}
                    </Stack>
                  </Checkbox.Group>
                  <TagsInput
                    label="Tags"
                    description="“team: search”, or one word. Enter adds one."
                    {...form.getInputProps('tags')}
                    error={errors.tags ?? tagError(errors)}
                  />
                </Stack>
              </Accordion.Panel>
            </Accordion.Item>
          </Accordion>
          <Text size="xs" c="dimmed">
            A new key may use every model of the project. IAM rules can narrow that at any time.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={creation.pending}>
              Create key
            </Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  );
}

function bodyOf(fields: Fields, project: string): Schemas['NewKey'] {
  return {
    name: fields.name,
    project_id: project,
    scopes: fields.scopes as Schemas['NewKey']['scopes'],
    ...limitsOf(fields),
    ...(fields.tags.length > 0 ? { tags: tagsOf(fields.tags) } : {}),
    ...(fields.expires ? { ttl: fields.ttl } : {}),
  };
}

/** A wrong tag is named by its own path, `tags.<name>`. */
function tagError(errors: Record<string, React.ReactNode>): React.ReactNode {
  return Object.entries(errors).find(([field]) => field.startsWith('tags.'))?.[1];
}
