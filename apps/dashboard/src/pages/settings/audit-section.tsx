import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { verifyAudit } from '../../api/audit.js';
import { members } from '../../api/people.js';
import { AuditList } from '../../parts/audit-list.js';
import { IconShieldCheck } from '../../parts/icons.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useAction } from '../../parts/use-action.js';

export function AuditSection() {
  const [actor, setActor] = useState<string | null>(null);
  const [subject, setSubject] = useState('');
  const { data: people = [] } = useQuery(members);
  return (
    <Stack gap="md">
      <Group align="flex-end" gap="sm">
        <Select
          label="Who"
          size="sm"
          clearable
          searchable
          placeholder="Anybody"
          value={actor}
          onChange={setActor}
          data={people.map(({ id, name }) => ({ value: `member:${id}`, label: name }))}
        />
        <TextInput
          label="What it was done to"
          size="sm"
          w={{ base: '100%', xs: 320 }}
          placeholder="An id: key_…, mem_…, prj_…"
          value={subject}
          onChange={({ currentTarget }) => setSubject(currentTarget.value.trim())}
        />
        <Verify />
      </Group>
      <AuditList withSubject query={{ ...(actor ? { actor } : {}), ...(subject ? { subject } : {}) }} />
    </Stack>
  );
}

/** Each entry carries the hash of the one before: an edited or missing one is found. */
function Verify() {
  const verification = useAction(verifyAudit);
  const [said, setSaid] = useState<string | null>(null);
  const verify = async () => {
    const found = await verification.run();
    if (!found) return;
    const { intact, entries, broken_at, problem } = found;
    setSaid(
      intact
        ? `The log is whole: ${entries.toLocaleString('en')} entries, each as it was written.`
        : `The log is broken at entry ${broken_at}: ${problem}`,
    );
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconShieldCheck size={16} />}
        loading={verification.pending}
        onClick={() => void verify()}
      >
        Verify the log
      </Button>
      {said && (
        <Text size="sm" role="status">
          {said}
        </Text>
      )}
      {verification.error !== null && <ProblemView error={verification.error} />}
    </>
  );
}
