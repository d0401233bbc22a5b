import { Button, Code, Text } from '@mantine/core';
import type { Project } from '../../api/projects.js';
import { IconKey, IconSearchOff } from '../../parts/icons.js';
import { Nothing } from '../../parts/nothing.js';
import { CreateButton } from './create-button.js';
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
      <Nothing icon={<IconSearchOff size={28} stroke={1.4} />} title="No key fits these filters">
        <Button variant="default" size="sm" onClick={() => look(none)}>
          Clear the filters
        </Button>
      </Nothing>
    );
  }
  if (project.keys.used > 0)
    return (
      <Nothing
        icon={<IconKey size={28} stroke={1.4} />}
        title={search.tab === 'inactive' ? 'No key is disabled or expired' : 'No key is active'}
      >
        <Button variant="default" size="sm" onClick={() => look({ tab: 'all' })}>
          Show all keys
        </Button>
      </Nothing>
    );
  return (
    <Nothing icon={<IconKey size={28} stroke={1.4} />} title="Create your first key">
      <Text size="sm" c="dimmed" ta="center" maw={460}>
        A key lets a program call models through Keyward. It is shown once, and its first request looks like this:
      </Text>
      <Code block fz={12} maw="100%">
        {`curl ${window.location.origin}/v1/chat/completions \\
  -H "Authorization: Bearer $KEYWARD_API_KEY" -H "Content-Type: application/json" \\
  -d '{"model":"echo","messages":[{"role":"user","content":"Hello"}]}'`}
      </Code>
      <CreateButton project={project} create={create} align="center" />
    </Nothing>
  );
}
