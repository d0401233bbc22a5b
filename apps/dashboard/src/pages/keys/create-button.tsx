import { Button, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { Project } from '../../api/projects.js';
import { usePermission } from '../../app/use-permission.js';

interface CreateButtonProps {
  readonly project: Project;
  readonly create: () => void;
}

/** Where it does nothing, it says why, and not only to those who have a mouse. */
export function CreateButton({ project: { keys, plan }, create }: CreateButtonProps) {
  const may = usePermission('write');
  const full = keys.allowed !== null && keys.used >= keys.allowed;
  const reason = !may.allowed
    ? may.reason
    : full
      ? `The plan “${plan}” allows ${keys.allowed} keys. Delete one, or upgrade the plan.`
      : null;
  return (
    <Stack gap={4} align="flex-end">
      <Button
        leftSection={<IconPlus size={16} />}
        disabled={reason !== null}
        aria-describedby={reason ? 'why-no-key' : undefined}
        onClick={create}
      >
        Create new key
      </Button>
      {reason && (
        <Text id="why-no-key" size="xs" c="dimmed" ta="right" maw={280}>
          {reason}
        </Text>
      )}
    </Stack>
  );
}
