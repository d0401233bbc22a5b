import { Anchor, Code, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AuditEvent } from '../api/audit.js';
import { type KeyNames, namesOfKeys } from '../api/key-names.js';
import { members } from '../api/people.js';
import { projects } from '../api/projects.js';
import { Copy } from './copy.js';

interface SubjectProps {
  readonly id: string;
  readonly names: SubjectNames;
}

/** What something was done to, by its name where that is known; its id is there to be taken along. */
export function Subject({ id, names }: SubjectProps) {
  const name = names.now.get(id) ?? names.then.get(id);
  return (
    <Group component="span" display="inline-flex" gap={4} wrap="nowrap">
      {name === undefined ? <Code fz={11}>{id}</Code> : <Named id={id} name={name} names={names} />}
      <Copy value={id} label={`Copy the id ${id}`} />
    </Group>
  );
}

function Named({ id, name, names }: SubjectProps & { readonly name: string }) {
  const isKey = id.startsWith('key_') && names.now.has(id);
  if (!isKey) return <span>“{name}”</span>;
  return (
    <Anchor component={Link} to={`/keys/${id}`} inherit underline="always">
      {name}
    </Anchor>
  );
}

export interface SubjectNames {
  /** Of what is still there. */
  readonly now: KeyNames;
  /** As the log has written them down: of what is gone as well. */
  readonly then: KeyNames;
}

export function useSubjectNames(events: readonly AuditEvent[]): SubjectNames {
  const keys = events.flatMap(({ actor, subject }) => [actor.replace(/^key:/, ''), subject]).filter(isKey);
  const { data: named } = useQuery(namesOfKeys(keys));
  const { data: people = [] } = useQuery(members);
  const { data: all = [] } = useQuery(projects);
  const then = new Map<string, string>();
  for (const { subject, before, after } of events) {
    const name = after?.name ?? before?.name ?? after?.email;
    if (typeof name === 'string' && !then.has(subject)) then.set(subject, name);
  }
  return { now: new Map([...(named ?? []), ...[...people, ...all].map(({ id, name }) => [id, name] as const)]), then };
}

const isKey = (id: string) => id.startsWith('key_');
