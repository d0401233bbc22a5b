import { Drawer, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { NewProject, ProjectChange } from '#contracts/admin-people';
import type { Schemas } from '../../api/client.js';
import { createProject, type Project, plans, readProject, updateProject } from '../../api/projects.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { errorsOf, focusFirst } from '../../parts/form-errors.js';
import { ProblemView } from '../../parts/problem-view.js';
import { TheirChange } from '../../parts/their-change.js';
import { useEdit } from '../../parts/use-edit.js';
import { useRefused } from '../../parts/use-refused.js';
import { type LimitFields, limitsOf } from '../keys/key-form.js';
import { RateFields, SpendFields } from '../keys/limit-fields.js';

interface Fields extends LimitFields {
  name: string;
  profile: string;
  plan: string;
}

/** A project’s name and plan, and what its keys get where they have nothing of their own. */
export function ProjectDialog({ of: project, close }: { readonly of: Project | null; readonly close: () => void }) {
  const { data: all = [] } = useQuery(plans);
  const saving = useEdit(
    project,
    {
      save: (seen, fields: Fields) =>
        seen === null ? createProject(bodyOf(fields)) : updateProject(seen, changeOf(fields, project ?? seen)),
      reread: async () => project && readProject(project.id),
    },
    'projects',
    'keys',
  );
  const form = useForm<Fields>({
    initialValues: fieldsOf(project),
    validate: (fields) =>
      besideFields(
        project === null ? errorsOf(NewProject, bodyOf(fields)) : errorsOf(ProjectChange, changeOf(fields, project)),
      ),
  });
  const submit = async (fields: Fields) => {
    const saved = await saving.save(fields);
    if (!saved) return;
    notifications.show({ message: `“${saved.name}” is saved.` });
    close();
  };
  const profiles = [...new Set(all.map(({ profile }) => profile))];
  const plansHere = all.filter(({ profile }) => profile === form.values.profile).map(({ name }) => name);
  const plan = all.find(({ profile, name }) => profile === form.values.profile && name === form.values.plan);
  const elsewhere = useRefused(form, saving.error, 'recurring_limit');
  const currency = project?.currency ?? 'USD';
  return (
    <Drawer opened onClose={close} size={460} title={project === null ? 'New project' : `Edit “${project.name}”`}>
      <form noValidate onSubmit={form.onSubmit((fields) => void submit(fields), focusFirst)}>
        <Stack gap="lg">
          {elsewhere !== null && <ProblemView error={elsewhere} />}
          {project && (
            <TheirChange what="this project" seen={factsOf(project)} theirs={saving.theirs && factsOf(saving.theirs)} />
          )}
          <TextInput label="Name" data-autofocus maxLength={100} {...form.getInputProps('name')} />
          <Select
            label="Profile"
            description="How its keys and errors look. It stays as it is once the project is made."
            disabled={project !== null}
            data={profiles}
            {...form.getInputProps('profile')}
            onChange={(profile) => {
              if (!profile) return;
              form.setFieldValue('profile', profile);
              form.setFieldValue('plan', all.find((each) => each.profile === profile)?.name ?? '');
            }}
          />
          <Select label="Plan" data={plansHere} {...form.getInputProps('plan')} />
          {plan && (
            <Text size="xs" c="dimmed">
              {plan.keys_per_project === null ? 'Any number of keys' : `${plan.keys_per_project} keys`}
              {plan.rate_limit !== null && ` · ${plan.rate_limit.toLocaleString('en')} RPM`}
              {plan.token_limit !== null && ` · ${plan.token_limit.toLocaleString('en')} TPM`} for each key
            </Text>
          )}
          <SpendFields form={form} currency={currency} of="project" />
          <RateFields form={form} of="project" />
          <DialogButtons label={project === null ? 'Create project' : 'Save'} pending={saving.pending} cancel={close} />
        </Stack>
      </form>
    </Drawer>
  );
}

function factsOf({ name, plan, budget, recurring_limit, defaults }: Project) {
  return { name, plan, budget, recurring_limit, ...defaults };
}

function fieldsOf(project: Project | null): Fields {
  return {
    name: project?.name ?? '',
    profile: project?.profile ?? 'keyward',
    plan: project?.plan ?? 'free',
    budget: project?.budget ?? '',
    recurring: project?.recurring_limit != null,
    amount: project?.recurring_limit?.amount ?? '',
    every: project?.recurring_limit?.every ?? 1,
    unit: project?.recurring_limit?.unit ?? 'month',
    align: project?.recurring_limit?.align,
    rate_limit: project?.defaults.rate_limit ?? '',
    token_limit: project?.defaults.token_limit ?? '',
    max_parallel: project?.defaults.max_parallel ?? '',
  };
}

function bodyOf(fields: Fields): Schemas['NewProject'] {
  const { budget, recurring_limit, ...defaults } = limitsOf(fields);
  return { name: fields.name, profile: fields.profile, plan: fields.plan, defaults, budget, recurring_limit };
}

/** What keys get by default has fields of its own here. */
function besideFields(errors: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(errors).map(([path, text]) => [path.replace(/^defaults\./, ''), text]));
}

/** A recurring limit that is the same is not sent: it would begin a new period. */
function changeOf(fields: Fields, project: Project): Schemas['ProjectChange'] {
  const { profile: _, recurring_limit, ...change } = bodyOf(fields);
  const before = limitsOf(fieldsOf(project)).recurring_limit;
  return JSON.stringify(recurring_limit) === JSON.stringify(before) ? change : { ...change, recurring_limit };
}
