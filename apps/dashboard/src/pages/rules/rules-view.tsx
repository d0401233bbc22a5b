import { ActionIcon, Badge, Button, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type NewRule, putRules, type RuleOwner, type RuleSet, rulesOf } from '../../api/rules.js';
import { Ask } from '../../parts/ask.js';
import { IconPencil, IconPlus, IconTrash } from '../../parts/icons.js';
import { Loaded } from '../../parts/loaded.js';
import { RuleDialog } from './rule-dialog.js';
import { effectOf, SUBJECTS, sentenceOf, subjectOf, wouldHaveRefused } from './rule-text.js';
import styles from './rules-view.module.css';

interface RulesViewProps {
  readonly owner: RuleOwner;
  readonly title: string;
  /** What it means that there are none. */
  readonly none: string;
  readonly editable: boolean;
}

/** What is no longer true on this page once they are others. */
const RULES = ['rules', 'keys'] as const;

/** The rules of one organization, project, member or key. */
export function RulesView(props: RulesViewProps) {
  const found = useQuery(rulesOf(props.owner));
  return (
    <Loaded of={found} label={props.title}>
      {(set) => <Rules {...props} set={set} />}
    </Loaded>
  );
}

function Rules({ owner, title, none, editable, set }: RulesViewProps & { readonly set: RuleSet }) {
  const [editing, setEditing] = useState<NewRule | 'new' | null>(null);
  const [removing, setRemoving] = useState<NewRule | null>(null);
  const put = (rules: readonly NewRule[]) => putRules(owner, set, rules);
  const save = (rule: NewRule) =>
    put(rule.id ? set.rules.map((each) => (each.id === rule.id ? rule : each)) : [...set.rules, rule]);
  const remove = async (rule: NewRule) => {
    await put(set.rules.filter(({ id }) => id !== rule.id));
    notifications.show({ message: 'The rule is gone.' });
  };
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h5">
          {title}
        </Title>
        {editable && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => setEditing('new')}>
            Add a rule
          </Button>
        )}
      </Group>
      {set.rules.length === 0 ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : (
        <ul className={styles.list} aria-label={title}>
          {set.rules.map((rule) => (
            <li key={rule.id} className={styles.rule} data-status={rule.status}>
              <Badge className={styles.effect} data-effect={effectOf(rule)} variant="unstyled">
                {effectOf(rule)} {SUBJECTS[subjectOf(rule)].toLowerCase()}
              </Badge>
              <Text size="sm" flex={1} miw={0} className={styles.sentence}>
                {sentenceOf(rule)}
              </Text>
              {rule.status !== 'active' && (
                <Badge variant="light" color="gray" tt="none">
                  {rule.status === 'observe' ? 'only observes' : 'inactive'}
                </Badge>
              )}
              {rule.status === 'observe' && (
                <Text size="xs" c="dimmed">
                  {wouldHaveRefused(set.observed?.find(({ rule_id }) => rule_id === rule.id))}
                </Text>
              )}
              {editable && (
                <Group gap={2} wrap="nowrap">
                  <Tooltip label="Edit">
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={`Edit: ${sentenceOf(rule)}`}
                      onClick={() => setEditing(rule)}
                    >
                      <IconPencil size={16} />
                    </ActionIcon>
                  </Tooltip>
                  <Tooltip label="Remove">
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={`Remove: ${sentenceOf(rule)}`}
                      onClick={() => setRemoving(rule)}
                    >
                      <IconTrash size={16} />
                    </ActionIcon>
                  </Tooltip>
                </Group>
              )}
            </li>
          ))}
        </ul>
      )}
      {removing && (
        <Ask
          title="Remove this rule?"
          label="Remove"
          act={() => remove(removing)}
          changes={RULES}
          close={() => setRemoving(null)}
        >
          {sentenceOf(removing)}. Whoever it binds is no longer bound by it, from the next request on.
        </Ask>
      )}
      {editing && (
        <RuleDialog
          of={editing === 'new' ? null : editing}
          among={set.rules}
          save={save}
          close={() => setEditing(null)}
        />
      )}
    </Stack>
  );
}
