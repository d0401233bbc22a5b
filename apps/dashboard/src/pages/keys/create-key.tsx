import { Accordion, Drawer, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useLayoutEffect, useState } from 'react';
import { NewKey } from '#contracts/admin-keys';
import { changed } from '../../api/changed.js';
import type { Schemas } from '../../api/client.js';
import { createKey, type Key } from '../../api/keys.js';
import { sentenceOf } from '../../api/problem.js';
import { type NewRule, putRules } from '../../api/rules.js';
import { usePermission } from '../../app/use-permission.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { errorsOf, focusFirst } from '../../parts/form-errors.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useAction } from '../../parts/use-action.js';
import { useRefused } from '../../parts/use-refused.js';
import { ModelNames } from '../rules/model-names.js';
import { ACCESS_LABELS, type Access, rulesFor } from './first-rules.js';
import { type LimitFields, limitsOf, NO_LIMITS, type TtlFields, tagsOf, ttlOf } from './key-form.js';
import { RateFields, SpendFields } from './limit-fields.js';
import type { KeyDialogsProps } from './open-dialog.js';
import { ScopesField } from './scopes-field.js';
import { TagsField } from './tags-field.js';
import { TtlField } from './ttl-field.js';

interface Fields extends LimitFields {
  name: string;
  expires: boolean;
  ttl: TtlFields;
  scopes: string[];
  tags: string[];
  access: Access;
  models: string[];
}

const EMPTY: Fields = {
  ...NO_LIMITS,
  name: '',
  expires: false,
  ttl: { value: 30, unit: 'days' },
  scopes: ['read'],
  tags: [],
  access: 'all',
  models: [],
};

export function CreateKey({ project, open, close }: Pick<KeyDialogsProps, 'project' | 'open' | 'close'>) {
  const queries = useQueryClient();
  const rules = usePermission('admin');
  const creation = useAction(async (fields: Fields) => {
    const made = await createKey(bodyOf(fields, project.id));
    // Nobody has its secret before it is shown: until then it may use more, and cannot.
    return { ...made, warning: await firstRules(made, rulesFor(fields.access, fields.models)) };
  });
  const form = useForm<Fields>({
    initialValues: EMPTY,
    validate: (fields) => ({
      ...errorsOf(NewKey, bodyOf(fields, project.id)),
      ...(fields.access === 'these' && fields.models.length === 0 ? { models: 'Name at least one model.' } : {}),
    }),
  });

  const submit = async (fields: Fields) => {
    const made = await creation.run(fields);
    if (!made) return;
    // Nobody waits for a list before a secret is seen.
    void changed(queries, 'keys', 'projects');
    if (made.key) open({ kind: 'secret', name: made.name, secret: made.key, rotated: false, warning: made.warning });
    else close();
  };
  const elsewhere = useRefused(form, creation.error, 'recurring_limit');
  const { errors } = form;
  const [sections, setSections] = useState<string[]>([]);
  // What is wrong is seen, and can be focused, where its section is open.
  useLayoutEffect(() => setSections((open) => [...new Set([...open, ...sectionsOf(errors)])]), [errors]);

  return (
    <Drawer opened onClose={close} title="Create new key" size={460}>
      <form noValidate onSubmit={form.onSubmit((fields) => void submit(fields), focusFirst)}>
        <Stack gap="lg">
          {elsewhere !== null && <ProblemView error={elsewhere} />}
          <TextInput
            label="Name"
            placeholder="What will use it: ci, production, a person"
            withAsterisk
            data-autofocus
            maxLength={100}
            {...form.getInputProps('name')}
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
          {rules.allowed && (
            <Stack gap="xs">
              <Select
                label="What it may use"
                data={Object.entries(ACCESS_LABELS).map(([value, label]) => ({ value, label }))}
                {...form.getInputProps('access')}
              />
              {form.values.access === 'these' && <ModelNames {...form.getInputProps('models')} error={errors.models} />}
            </Stack>
          )}
          <Accordion multiple variant="separated" chevronPosition="left" value={sections} onChange={setSections}>
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
                  <ScopesField {...form.getInputProps('scopes')} />
                  <TagsField {...form.getInputProps('tags')} errors={errors} />
                </Stack>
              </Accordion.Panel>
            </Accordion.Item>
          </Accordion>
          <Text size="xs" c="dimmed">
            Its limits and its IAM rules can be changed at any time.
          </Text>
          <DialogButtons label="Create key" pending={creation.pending} cancel={close} />
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
    ...(fields.expires ? { ttl: ttlOf(fields.ttl) } : {}),
  };
}

/** What could not be done, in a sentence: the key is there all the same. */
async function firstRules({ id }: Pick<Key, 'id'>, rules: readonly NewRule[]): Promise<string | undefined> {
  if (rules.length === 0) return undefined;
  try {
    await putRules({ kind: 'key', id }, { revision: 0 }, rules);
    return undefined;
  } catch (error) {
    return `Its rules were not set, so it may use every model of the project: ${sentenceOf(error)}`;
  }
}

const RATES = ['rate_limit', 'token_limit', 'max_parallel'];

/** The sections that have these errors in them. */
function sectionsOf(errors: Readonly<Record<string, unknown>>): string[] {
  const wrong = Object.keys(errors).map((path) => path.split('.')[0] ?? '');
  return [
    ...(wrong.some((field) => RATES.includes(field)) ? ['rates'] : []),
    ...(wrong.some((field) => field === 'scopes' || field === 'tags') ? ['more'] : []),
  ];
}
