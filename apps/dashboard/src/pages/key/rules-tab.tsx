import { Paper, SimpleGrid, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Key } from '../../api/keys.js';
import { organization } from '../../api/people.js';
import type { Project } from '../../api/projects.js';
import { usePermission } from '../../app/use-permission.js';
import { RulesView } from '../rules/rules-view.js';
import { CallTester } from '../why/call-tester.js';
import { AllowedModels } from './allowed-models.js';

interface RulesTabProps {
  readonly of: Key;
  readonly project: Project | undefined;
}

/** Every rule that binds a key: its own, and those above it, which it cannot undo. */
export function RulesTab({ of: key, project }: RulesTabProps) {
  const may = usePermission('admin');
  const { data: house } = useQuery(organization);
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl" verticalSpacing="xl">
      <Stack gap="xl">
        <RulesView
          owner={{ kind: 'key', id: key.id }}
          title="Rules of this key"
          none="None: it may use everything that its project may."
          editable={may.allowed}
        />
        <RulesView
          owner={{ kind: 'project', id: key.project_id }}
          title={`Rules of the project “${project?.name ?? ''}”`}
          none="None."
          editable={false}
        />
        <RulesView
          owner={{ kind: 'organization' }}
          title={`Rules of ${house?.name ?? 'the organization'}`}
          none="None."
          editable={false}
        />
      </Stack>
      <Stack gap="xl" style={{ alignSelf: 'start' }}>
        <AllowedModels of={key} />
        <Paper p="lg">
          <Stack gap="sm">
            <Title order={2} size="h5">
              Test a model
            </Title>
            <CallTester keyId={key.id} />
          </Stack>
        </Paper>
      </Stack>
    </SimpleGrid>
  );
}
