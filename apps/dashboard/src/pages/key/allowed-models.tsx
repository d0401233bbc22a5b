import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { Key } from '../../api/keys.js';
import { type KeyModels, modelsOfKey } from '../../api/rules.js';
import { Loaded } from '../../parts/loaded.js';
import { ModelList } from './model-list.js';

/** How much of the catalogue all of its rules leave it, and, for who wants to know, which models. */
export function AllowedModels({ of: key }: { readonly of: Key }) {
  const found = useQuery(modelsOfKey(key.id));
  return (
    <Paper p="lg">
      <Loaded of={found} label="the models it may use">
        {(models) => <Card of={models} owner={key} />}
      </Loaded>
    </Paper>
  );
}

function Card({ of: models, owner }: { readonly of: KeyModels; readonly owner: Key }) {
  const [opened, { open, close }] = useDisclosure();
  const { allowed, total } = models;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h5">
          Allows {allowed.toLocaleString('en')} of {total.toLocaleString('en')} models
        </Title>
        <Button size="xs" variant="default" onClick={open}>
          Which ones
        </Button>
      </Group>
      {models.not_judged > 0 && (
        <Text size="sm" c="dimmed">
          {models.not_judged === 1 ? '1 rule depends' : `${models.not_judged} rules depend`} on the call, by a condition
          or by the address it comes from, and can refuse more.
        </Text>
      )}
      {opened && <ModelList of={models} owner={owner} close={close} />}
    </Stack>
  );
}
