import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { OrganizationChange } from '#contracts/admin-people';
import { type Organization, organization, readOrganization, updateOrganization } from '../../api/people.js';
import { usePermission } from '../../app/use-permission.js';
import { errorsOf, focusFirst } from '../../parts/form-errors.js';
import { Loaded } from '../../parts/loaded.js';
import { ProblemView } from '../../parts/problem-view.js';
import { TheirChange } from '../../parts/their-change.js';
import { useEdit } from '../../parts/use-edit.js';

export function OrganizationSection() {
  const found = useQuery(organization);
  // Filled in anew after a change of one’s own, and by nobody else’s: what one has typed stays.
  const [saved, setSaved] = useState(0);
  return (
    <Loaded of={found} label="the organization">
      {(data) => <Fields key={saved} of={data} saved={() => setSaved((times) => times + 1)} />}
    </Loaded>
  );
}

interface Values {
  name: string;
  leak_policy: Organization['leak_policy'];
}

interface FieldsProps {
  readonly of: Organization;
  readonly saved: () => void;
}

function Fields({ of: before, saved }: FieldsProps) {
  const may = usePermission('admin');
  const edit = useEdit(before, { save: updateOrganization, reread: () => readOrganization() }, 'organization');
  const form = useForm<Values>({
    initialValues: { name: before.name, leak_policy: before.leak_policy },
    validate: (values) => errorsOf(OrganizationChange, values),
  });
  const submit = async (values: Values) => {
    if (!(await edit.save(values))) return;
    notifications.show({ message: 'The organization is saved.' });
    saved();
  };
  return (
    <form noValidate onSubmit={form.onSubmit((values) => void submit(values), focusFirst)}>
      <Stack gap="lg" maw={520}>
        {edit.error !== null && <ProblemView error={edit.error} />}
        <TheirChange what="the organization" seen={factsOf(before)} theirs={edit.theirs && factsOf(edit.theirs)} />
        <TextInput label="Name" maxLength={100} disabled={!may.allowed} {...form.getInputProps('name')} />
        <Radio.Group
          label="When a key is found in public"
          description="Secret scanners, GitHub’s for one, report keys that somebody has published."
          {...form.getInputProps('leak_policy')}
        >
          <Stack gap={8} pt={10}>
            <Radio value="disable" disabled={!may.allowed} label="Disable it at once" />
            <Radio value="flag" disabled={!may.allowed} label="Mark it, and tell us: it goes on working" />
          </Stack>
        </Radio.Group>
        {may.allowed ? (
          <Group>
            <Button type="submit" loading={edit.pending} disabled={!form.isDirty()}>
              Save
            </Button>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            {may.reason}
          </Text>
        )}
      </Stack>
    </form>
  );
}

function factsOf({ name, leak_policy }: Organization) {
  return { name, leak_policy };
}
