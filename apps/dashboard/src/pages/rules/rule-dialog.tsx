import { Checkbox, Group, Modal, SegmentedControl, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { newRule } from '#contracts/rules';
import { providers } from '../../api/catalogue.js';
import { ApiProblem } from '../../api/problem.js';
import type { NewRule } from '../../api/rules.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { errorsOf, focusFirst } from '../../parts/form-errors.js';
import { ProblemView } from '../../parts/problem-view.js';
import { TheirChange } from '../../parts/their-change.js';
import { useChange } from '../../parts/use-change.js';
import { ModelNames } from './model-names.js';
import { emptyOf, fieldsOf, mayBeNothing, type RuleFields, ruleOf } from './rule-form.js';
import { SUBJECTS, sentenceOf } from './rule-text.js';

interface RuleDialogProps {
  readonly of: NewRule | null;
  /** The rules it is or will be one of, as they are now. */
  readonly among: readonly NewRule[];
  readonly save: (rule: NewRule) => Promise<unknown>;
  readonly close: () => void;
}

export function RuleDialog({ of: before, among, save, close }: RuleDialogProps) {
  const [opened] = useState(among);
  const saving = useChange(save, 'rules', 'keys');
  const form = useForm<RuleFields>({
    initialValues: fieldsOf(before),
    validate: (fields) => ({ ...emptyOf(fields), ...errorsOf(newRule, bare(ruleOf(fields, before))) }),
  });
  const submit = async (fields: RuleFields) => {
    if (await saving.run(ruleOf(fields, before))) close();
  };
  const isNothing = form.values.nothing && mayBeNothing(form.values);
  const conflict = saving.error instanceof ApiProblem && saving.error.status === 412;
  return (
    <Modal opened onClose={close} size="lg" title={before ? 'Edit the rule' : 'Add a rule'}>
      <form noValidate onSubmit={form.onSubmit((fields) => void submit(fields), focusFirst)}>
        <Stack gap="md">
          {saving.error !== null && !conflict && <ProblemView error={saving.error} />}
          <TheirChange what="these rules" seen={told(opened)} theirs={conflict ? told(among) : null} />
          <Group grow align="flex-start">
            <Select
              label="It"
              data={[
                { value: 'allow', label: 'allows only' },
                { value: 'deny', label: 'denies' },
              ]}
              {...form.getInputProps('effect')}
            />
            <Select
              label="these"
              data={Object.entries(SUBJECTS).map(([value, label]) => ({ value, label }))}
              {...form.getInputProps('subject')}
            />
          </Group>
          {mayBeNothing(form.values) && (
            <Checkbox
              size="xs"
              label="None at all: it allows nothing"
              {...form.getInputProps('nothing', { type: 'checkbox' })}
            />
          )}
          {!isNothing && <Things form={form} />}
          <TextInput
            label="Only where"
            description="A condition in CEL about request, key, project and now. Empty: always."
            placeholder="request.max_tokens <= 1000"
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            {...form.getInputProps('condition')}
          />
          <Stack gap={4}>
            <Text size="sm" fw={500} id="rule-status">
              It
            </Text>
            <SegmentedControl
              aria-labelledby="rule-status"
              data={[
                { value: 'active', label: 'binds' },
                { value: 'observe', label: 'only observes' },
                { value: 'inactive', label: 'is inactive' },
              ]}
              {...form.getInputProps('status')}
            />
          </Stack>
          <Text size="sm" c="dimmed" aria-live="polite">
            {sentenceOf(ruleOf(form.values, before))}.
          </Text>
          <DialogButtons label={before ? 'Save rule' : 'Add rule'} pending={saving.pending} cancel={close} />
        </Stack>
      </form>
    </Modal>
  );
}

/** What the chosen kind of rule is about. */
function Things({ form }: { readonly form: UseFormReturnType<RuleFields> }) {
  const { data: sources = [] } = useQuery(providers);
  const errorIn = (field: string) => Object.entries(form.errors).find(([path]) => path.startsWith(field))?.[1];
  switch (form.values.subject) {
    case 'models':
      return <ModelNames {...form.getInputProps('models')} error={errorIn('models')} />;
    case 'providers':
      return (
        <TagsInput
          label="Providers"
          description="Enter adds one."
          data={sources.map(({ id }) => id)}
          {...form.getInputProps('providers')}
          error={errorIn('providers')}
        />
      );
    case 'ips':
      return (
        <TagsInput
          label="Addresses"
          description="An address, or a network like 192.0.2.0/24. Enter adds one."
          {...form.getInputProps('cidrs')}
          error={errorIn('cidrs')}
        />
      );
    case 'pricing':
      return (
        <Group grow align="flex-start">
          <Select
            label="Models that are"
            data={[
              { value: 'any', label: 'free or paid' },
              { value: 'free', label: 'free' },
              { value: 'paid', label: 'paid' },
            ]}
            {...form.getInputProps('tier')}
          />
          <TextInput
            label="Input, a million tokens"
            placeholder="Any price"
            inputMode="decimal"
            {...form.getInputProps('max_input_price')}
            error={errorIn('pricing.max_input')}
          />
          <TextInput
            label="Output, a million tokens"
            placeholder="Any price"
            inputMode="decimal"
            {...form.getInputProps('max_output_price')}
            error={errorIn('pricing.max_output')}
          />
        </Group>
      );
  }
}

function told(rules: readonly NewRule[]) {
  return { rules: rules.map((rule) => sentenceOf(rule)).join('; ') };
}

/** As the contract knows a rule that is written: its id is not part of what it says. */
function bare({ id: _, ...rule }: NewRule): unknown {
  return rule;
}
