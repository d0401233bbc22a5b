import { Button, Center, Code, Stack, Text } from '@mantine/core';
import { IconKey, IconSearchOff } from '@tabler/icons-react';
import type { Project } from '../../api/projects.js';
import { filtersOf, type KeySearch } from './key-search.js';

interface EmptyKeysProps {
  readonly search: KeySearch;
  readonly look: (change: Partial<KeySearch>) => void;
  readonly project: Project;
  readonly create: () => void;
}

/** Nothing here: because nothing was made yet, or because nothing fits. These are two different sentences. */
export function EmptyKeys({ search, look, project, create }: EmptyKeysProps) {
  const filters = filtersOf(search);
  if (Object.keys(filters).length > 0) {
    const none = Object.fromEntries(Object.keys(filters).map((name) => [name, undefined]));
    return (
      <Empty icon={<IconSearchOff size={28} stroke={1.4} />} title="No key fits these filters">
        <Button variant="default" size="sm" onClick={() => look(none)}>
          Clear the filters
        </Button>
      </Empty>
    );
  }
  if (project.keys.used > 0)
    return (
      <Empty
        icon={<IconKey size={28} stroke={1.4} />}
        title={search.tab === 'inactive' ? 'No key is disabled or expired' : 'No key is active'}
      >
        <Button variant="default" size="sm" onClick={() => look({ tab: 'all' })}>
          Show all keys
        </Button>
      </Empty>
    );
  return (
    <Empty icon={<IconKey size={28} stroke={1.4} />} title="Create your first key">
      <Text size="sm" c="dimmed" ta="center" maw={460}>
        A key lets a program call models through Keyward. It is shown once, and its first request looks like this:
      </Text>
      <Code block fz={12} maw="100%">
        {`curl ${window.location.origin}/v1/chat/completions \\
  -H "Authorization: Bearer $KEYWARD_API_KEY" -H "Content-Type: application/json" \\
  -d '{"model":"echo","messages":[{"role":"user","content":"Hello"}]}'`}
      </Code>
      <Button onClick={create}>Create new key</Button>
    </Empty>
  );
}

interface EmptyProps {
  readonly icon: React.ReactNode;
  readonly title: string;
  readonly children: React.ReactNode;
}

function Empty({ icon, title, children }: EmptyProps) {
  return (
    <Center py={64} px="md">
      <Stack align="center" gap="sm">
        <Text c="dimmed" component="div">
          {icon}
        </Text>
        <Text fw={600}>{title}</Text>
        {children}
      </Stack>
    </Center>
  );
}
