import { Stack, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { keyPage } from '../../api/keys.js';
import type { Project } from '../../api/projects.js';
import { useProject } from '../../app/use-project.js';
import { HOUR } from '../../parts/moments.js';
import { Page } from '../../parts/page.js';
import { useLast } from '../../parts/use-last.js';
import { useNow } from '../../parts/use-now.js';
import { Allowance } from './allowance.js';
import { BulkActions } from './bulk-actions.js';
import { CreateButton } from './create-button.js';
import { Dialogs } from './dialogs.js';
import { KeyFilters } from './key-filters.js';
import { KeyList } from './key-list.js';
import type { Selection } from './key-list-props.js';
import { type KeySearch, queryOf, TABS } from './key-search.js';
import styles from './keys-page.module.css';
import type { OpenDialog } from './open-dialog.js';

const route = getRouteApi('/house/keys');

export function KeysPage() {
  const { project } = useProject();
  return project ? <Keys key={project.id} project={project} /> : null;
}

function Keys({ project }: { readonly project: Project }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow(HOUR);
  const query = keyPage(queryOf(search, project.id, now));
  const found = useQuery(query);
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const [selected, setSelected] = useState<Selection>({});

  // Another filter is another list: what was selected may not be in it, and its pages begin anew.
  const look = (change: Partial<KeySearch>, came: readonly string[] = []) => {
    setSelected({});
    void navigate({
      search: (before) => ({ ...before, cursor: undefined, ...change }),
      replace: 'q' in change,
      state: { came },
    });
  };
  const { active, inactive } = useLast(found.data?.counts) ?? {};
  const countOf = { active, inactive, all: active === undefined ? undefined : active + (inactive ?? 0) };
  const keys = found.data?.data ?? [];

  return (
    <Page
      title="API Keys"
      note={<Allowance project={project} />}
      action={<CreateButton project={project} create={() => setDialog({ kind: 'create' })} />}
    >
      <Tabs
        value={search.tab ?? 'active'}
        onChange={(tab) => look({ tab: tab === 'active' ? undefined : (tab as KeySearch['tab']), status: undefined })}
        keepMounted={false}
      >
        <Tabs.List>
          {TABS.map((tab) => (
            <Tabs.Tab key={tab} value={tab} rightSection={<span className={styles.count}>{countOf[tab] ?? ''}</span>}>
              {tab === 'all' ? 'All' : tab === 'active' ? 'Active' : 'Inactive'}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={search.tab ?? 'active'}>
          <Stack gap="sm" pt="sm">
            <KeyFilters search={search} look={look} />
            <KeyList
              found={found}
              search={search}
              look={look}
              project={project}
              selected={selected}
              select={setSelected}
              open={setDialog}
            />
          </Stack>
        </Tabs.Panel>
      </Tabs>

      <BulkActions keys={keys.filter(({ id }) => selected[id])} clear={() => setSelected({})} />
      <Dialogs dialog={dialog} project={project} open={setDialog} close={() => setDialog(null)} />
    </Page>
  );
}
