import { Checkbox, type CheckboxGroupProps, Stack } from '@mantine/core';
import { SCOPES } from '#domain/access/scope';

const SCOPE_TEXTS: Record<(typeof SCOPES)[number], string> = {
  read: 'Call models, and read',
  write: 'Create and change keys and projects',
  admin: 'Everything',
  webhook: 'Manage webhooks',
};

/** What a key may do at all. */
export function ScopesField(props: Omit<CheckboxGroupProps<string>, 'children' | 'label'>) {
  return (
    <Checkbox.Group label="What it may do" {...props}>
      <Stack gap={8} pt={6}>
        {SCOPES.map((scope) => (
          <Checkbox
            key={scope}
            size="xs"
            value={scope}
            label={`${scope}: ${SCOPE_TEXTS[scope]}`}
            aria-invalid={props.error ? true : undefined}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
