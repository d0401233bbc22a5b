import { Badge, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { parseMoney } from '#domain/money';
import { type ModelRules as Found, type Model, type NewPrice, rulesOfModel } from '../../api/catalogue.js';
import { namesOfKeys } from '../../api/key-names.js';
import { members } from '../../api/people.js';
import { projects } from '../../api/projects.js';
import { Badge as State } from '../../parts/badge.js';
import { KeyName } from '../../parts/key-name.js';
import { Loaded } from '../../parts/loaded.js';
import { symbolOf } from '../../parts/money.js';
import { effectOf, SUBJECTS, sentenceOf, subjectOf } from '../rules/rule-text.js';
import styles from '../rules/rules-view.module.css';

type Touched = Found['rules'][number];

const BY = { name: 'by its name', wildcard: 'by a wildcard', price: 'by its price' } as const;

/** What to look at before a model is taken away, or has another price: which rules mean it, and which would turn. */
export function ModelRules({ of: model }: { readonly of: Model }) {
  const [written, setWritten] = useState({ input: '', output: '' });
  const [settled] = useDebouncedValue(written, 300);
  const found = useQuery(rulesOfModel(model.id, priceIn(settled)));
  const field = (name: keyof typeof written, label: string) => (
    <TextInput
      label={label}
      inputMode="decimal"
      leftSection={symbolOf(model.currency)}
      value={written[name]}
      error={isPrice(written[name]) || written[name] === '' ? undefined : 'An amount, like 2.50'}
      onChange={({ currentTarget: { value } }) => setWritten((before) => ({ ...before, [name]: value.trim() }))}
    />
  );
  return (
    <Stack gap="sm">
      <Title order={2} size="h5">
        Rules about it
      </Title>
      <Text size="sm" c="dimmed">
        To look at before it is taken out of the catalogue. For a new price, write it here: what would decide otherwise
        says so, and nothing is changed.
      </Text>
      {model.alias === null && (
        <Group grow align="flex-start">
          {field('input', 'New price of input / M')}
          {field('output', 'New price of output / M')}
        </Group>
      )}
      <Loaded of={found} label="the rules about it">
        {(rules) => <Rules of={rules} />}
      </Loaded>
    </Stack>
  );
}

function Rules({ of: { rules, total, everywhere } }: { readonly of: Found }) {
  const { data: names } = useQuery(
    namesOfKeys(rules.filter(({ level }) => level === 'key').map(({ subject }) => subject)),
  );
  return (
    <Stack gap="sm" aria-live="polite">
      {total === 0 ? (
        <Text size="sm">No rule of your organization is about it.</Text>
      ) : (
        <ul className={styles.list} aria-label="Rules about it">
          {rules.map((touched) => (
            <li key={touched.rule.id} className={styles.rule} data-status={touched.rule.status}>
              <Badge className={styles.effect} data-effect={effectOf(touched.rule)} variant="unstyled">
                {effectOf(touched.rule)} {SUBJECTS[subjectOf(touched.rule)].toLowerCase()}
              </Badge>
              <Stack gap={0} flex={1} miw={160}>
                <Text size="sm" className={styles.sentence}>
                  {sentenceOf(touched.rule)}
                </Text>
                <Text size="xs" c="dimmed">
                  <Whose of={touched} name={names?.get(touched.subject)} />, {BY[touched.by]}
                  {touched.rule.status === 'observe' && ', only observes'}
                </Text>
              </Stack>
              {touched.changes !== null && (
                <State tone={touched.changes ? 'warning' : 'off'}>
                  {touched.changes ? 'would decide otherwise' : 'stays as it is'}
                </State>
              )}
            </li>
          ))}
        </ul>
      )}
      {total > rules.length && (
        <Text size="sm" c="dimmed">
          The first {rules.length} of {total.toLocaleString('en')}.
        </Text>
      )}
      {everywhere && everywhere.organizations > 1 && (
        <Text size="sm" c="dimmed">
          {everywhere.rules.toLocaleString('en')} rules of {everywhere.organizations.toLocaleString('en')} organizations
          are about it
          {everywhere.changes > 0 && `, and ${everywhere.changes.toLocaleString('en')} would decide otherwise`}.
        </Text>
      )}
    </Stack>
  );
}

function Whose({ of: { level, subject }, name }: { readonly of: Touched; readonly name: string | undefined }) {
  const { data: house = [] } = useQuery(projects);
  const { data: people = [] } = useQuery(members);
  const called = (all: readonly { readonly id: string; readonly name: string }[]) =>
    all.find(({ id }) => id === subject)?.name ?? `…${subject.slice(-6)}`;
  if (level === 'organization') return 'Of the organization';
  if (level === 'project') return `Of the project “${called(house)}”`;
  if (level === 'member') return `Of ${called(people)}`;
  return (
    <>
      Of the key <KeyName id={subject} name={name} inText />
    </>
  );
}

/** Both or none: half a price is not one yet. */
function priceIn({ input, output }: { readonly input: string; readonly output: string }): NewPrice | null {
  return isPrice(input) && isPrice(output) ? { input_price: input, output_price: output } : null;
}

function isPrice(text: string): boolean {
  return (parseMoney(text) ?? -1n) >= 0n;
}
