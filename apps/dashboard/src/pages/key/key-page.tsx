import { Anchor, Breadcrumbs, Button, Group, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type Key, keyById } from '../../api/keys.js';
import { projects } from '../../api/projects.js';
import { usePermission } from '../../app/use-permission.js';
import { Copy } from '../../parts/copy.js';
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from '../../parts/icons.js';
import { MaskedKey } from '../../parts/masked-key.js';
import page from '../../parts/page.module.css';
import { ProblemView } from '../../parts/problem-view.js';
import { StatusBadge } from '../../parts/status-badge.js';
import { useNow } from '../../parts/use-now.js';
import { Dialogs } from '../keys/dialogs.js';
import { KeyMenu } from '../keys/key-menu.js';
import { stateOf } from '../keys/key-state.js';
import type { OpenDialog } from '../keys/open-dialog.js';
import { useToggle } from '../keys/use-toggle.js';
import { KeyHistory } from './key-history.js';
import styles from './key-page.module.css';
import { KEY_TABS, type KeyTab } from './key-tabs.js';
import { LimitsTab } from './limits-tab.js';
import { Overview } from './overview.js';
import { RequestsTab } from './requests-tab.js';
import { RulesTab } from './rules-tab.js';

const route = getRouteApi('/house/keys/$keyId');

const LABELS: Record<KeyTab, string> = {
  overview: 'Overview',
  limits: 'Limits',
  rules: 'IAM rules',
  requests: 'Requests',
  history: 'History',
};

export function KeyPage() {
  const { keyId } = route.useParams();
  const found = useQuery(keyById(keyId));
  useDocumentTitle(`${found.data?.name ?? 'Key'} · Keyward`);
  const retry = () => void found.refetch();
  return (
    <Stack gap="md" className={page.page}>
      <Breadcrumbs>
        <Anchor component={Link} to="/keys" size="sm">
          API Keys
        </Anchor>
        <Text size="sm">{found.data?.name ?? keyId}</Text>
      </Breadcrumbs>
      {found.error && (
        <ProblemView error={found.error} retry={retry} staleSince={found.data ? found.dataUpdatedAt : undefined} />
      )}
      {found.isPending && <Skeleton height={220} radius="md" />}
      {found.data && <OneKey of={found.data} />}
    </Stack>
  );
}

function OneKey({ of: key }: { readonly of: Key }) {
  const { tab = 'overview' } = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const may = usePermission('write');
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const toggle = useToggle(setDialog);
  const { data: all = [] } = useQuery(projects);
  const project = all.find(({ id }) => id === key.project_id);
  const off = key.status !== 'active';
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Stack gap={6}>
          <Group gap="sm">
            <Title order={1} size="h2">
              {key.name}
            </Title>
            <StatusBadge state={stateOf(key, now)} />
          </Group>
          <Group gap={4}>
            <MaskedKey preview={key.preview} />
            <Text size="xs" c="dimmed" className="mono" ml="sm">
              {key.id}
            </Text>
            <Copy value={key.id} label="Copy the key’s id" />
          </Group>
        </Stack>
        <Group gap="xs">
          {may.allowed && (
            <>
              <Button
                variant="default"
                size="sm"
                leftSection={off ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
                onClick={() => toggle(key)}
              >
                {off ? 'Enable' : 'Disable'}
              </Button>
              <Button
                variant="default"
                size="sm"
                leftSection={<IconRefresh size={15} />}
                onClick={() => setDialog({ kind: 'rotate', key })}
              >
                Rotate
              </Button>
            </>
          )}
          <KeyMenu row={key} open={setDialog} />
        </Group>
      </Group>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(chosen) => void navigate({ search: chosen === 'overview' ? {} : { tab: chosen as KeyTab } })}
      >
        <Tabs.List className={styles.tabs}>
          {KEY_TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {LABELS[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab} pt="md">
          {tab === 'overview' && <Overview of={key} open={setDialog} />}
          {tab === 'limits' && <LimitsTab of={key} project={project} open={setDialog} />}
          {tab === 'rules' && <RulesTab of={key} project={project} />}
          {tab === 'requests' && <RequestsTab of={key} />}
          {tab === 'history' && <KeyHistory of={key} />}
        </Tabs.Panel>
      </Tabs>
      {project && (
        <Dialogs
          dialog={dialog}
          project={project}
          open={setDialog}
          close={() => setDialog(null)}
          deleted={() => navigate({ to: '/keys' })}
        />
      )}
    </>
  );
}
