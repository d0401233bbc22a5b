import { Code, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { keyById } from '../../api/keys.js';
import type { Decision } from '../../api/requests.js';
import { type RuleOwner, rulesOf } from '../../api/rules.js';
import { sentenceOf } from '../rules/rule-text.js';

interface DecidingRuleProps {
  readonly of: NonNullable<Decision['rule']>;
  readonly keyId: string;
}

/** The rule that decided, as it reads; by its id where it is not there any more. */
export function DecidingRule({ of: { id, level, about }, keyId }: DecidingRuleProps) {
  const { data: key } = useQuery({ ...keyById(keyId), enabled: level !== 'organization' });
  const owner = ownerOf(level, key);
  const { data: set } = useQuery({ ...rulesOf(owner ?? { kind: 'organization' }), enabled: owner !== null });
  const rule = set?.rules.find((each) => each.id === id);
  return (
    <Text size="xs">
      Decided by the {level}’s rule about {about}: {rule ? <b>{sentenceOf(rule)}</b> : <Code>{id}</Code>}
    </Text>
  );
}

type Whose = { readonly id: string; readonly project_id: string; readonly created_by: string };

function ownerOf(level: NonNullable<Decision['rule']>['level'], key: Whose | undefined): RuleOwner | null {
  if (level === 'organization') return { kind: level };
  if (!key) return null;
  if (level === 'key') return { kind: level, id: key.id };
  if (level === 'project') return { kind: level, id: key.project_id };
  const maker = /^member:(.+)$/.exec(key.created_by)?.[1];
  return maker ? { kind: 'member', id: maker } : null;
}
