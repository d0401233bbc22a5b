import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { OrganizationChange } from '#contracts/admin-people';
import { type Organization, organization, updateOrganization } from '../../api/people.js';
import { usePermission } from '../../app/use-permission.js';
import { errorsOf } from '../../parts/form-errors.js';
import { Loaded } from '../../parts/loaded.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useChange } from '../../parts/use-change.js';

export function OrganizationSection() {
  const found = useQuery(organization);
  return (
    <Loaded of={found} label="the organization">
      {(data) => <Fields key={data.revision} of={data} />}
    </Loaded>
  );
}

interface Values {
  name: string;
  leak_policy: Organization['leak_policy'];
}

function Fields({ of: before }: { readonly of: Organization }) {
  const may = usePermission('admin');
  const saving = useChange(updateOrganization, 'organization');
  const form = useForm<Values>({
    initialValues: { name: before.name, leak_policy: before.leak_policy },
    validate: (values) => errorsOf(OrganizationChange, values),
  });
  const submit = async (values: Values) => {
    if (await saving.run(before, values)) notifications.show({ message: 'The organization is saved.' });
  };
  return (
    <form noValidate onSubmit={form.onSubmit((values) => void submit(values))}>
      <Stack gap="lg" maw={520}>
        {saving.error !== null && <ProblemView error={saving.error} />}
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
            <Button type="submit" loading={saving.pending} disabled={!form.isDirty()}>
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
