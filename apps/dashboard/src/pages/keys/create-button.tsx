import { Button, Stack, Text } from '@mantine/core';
import { useId } from 'react';
import type { Project } from '../../api/projects.js';
import { usePermission } from '../../app/use-permission.js';
import { IconPlus } from '../../parts/icons.js';

interface CreateButtonProps {
  readonly project: Project;
  readonly create: () => void;
  readonly align?: 'flex-end' | 'center';
}

/** Where it does nothing, it says why, and not only to those who have a mouse. */
export function CreateButton({ project: { keys, plan }, create, align = 'flex-end' }: CreateButtonProps) {
  const id = useId();
  const may = usePermission('write');
  const full = keys.allowed !== null && keys.used >= keys.allowed;
  const reason = !may.allowed
    ? may.reason
    : full
      ? `The plan “${plan}” allows ${keys.allowed} keys. Delete one, or upgrade the plan.`
      : null;
  return (
    <Stack gap={4} align={align}>
      <Button
        leftSection={<IconPlus size={16} />}
        disabled={reason !== null}
        aria-describedby={reason ? id : undefined}
        onClick={create}
      >
        Create new key
      </Button>
      {reason && (
        <Text id={id} size="xs" c="dimmed" ta={align === 'center' ? 'center' : 'right'} maw={280}>
          {reason}
        </Text>
      )}
    </Stack>
  );
}
