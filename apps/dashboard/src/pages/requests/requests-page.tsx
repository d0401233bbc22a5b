import { Group, Select, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { REFUSALS } from '#contracts/refusals';
import type { RequestQuery } from '../../api/requests.js';
import { useProject } from '../../app/use-project.js';
import { IconSearch } from '../../parts/icons.js';
import { KeySelect } from '../../parts/key-select.js';
import { Page } from '../../parts/page.js';
import { useTyped } from '../../parts/use-typed.js';
import { RequestDetail } from './request-detail.js';
import { RequestList } from './request-list.js';
import { OUTCOME_LABELS, OUTCOMES, type RequestSearch } from './request-search.js';

const route = getRouteApi('/house/requests');

/** What is usually looked for; an address may name any other. */
const STATUSES = ['200', '400', '401', '402', '403', '404', '429', '500', '502', '503', '504'];

export function RequestsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { project } = useProject();
  const look = (change: Partial<RequestSearch>) =>
    // What is typed is no place to come back to, nor is a drawer that one has closed.
    void navigate({
      search: (before) => ({ ...before, ...change }),
      replace: 'model' in change || ('id' in change && change.id === undefined),
    });
  const [typed, type] = useTyped(search.model ?? '', (model) => look({ model: model || undefined }));
  return (
    <Page title="Requests" note="Every request of the project, denied ones as well, as it happens.">
      <Group gap="xs">
        <TextInput
          type="search"
          w={{ base: '100%', xs: 260 }}
          aria-label="Model"
          placeholder="A model’s whole name"
          leftSection={<IconSearch size={15} />}
          value={typed}
          onChange={({ currentTarget }) => type(currentTarget.value)}
        />
        <Select
          aria-label="Outcome"
          placeholder="Every outcome"
          clearable
          w={170}
          data={OUTCOMES.map((value) => ({ value, label: OUTCOME_LABELS[value] }))}
          value={search.outcome ?? null}
          onChange={(outcome) => look({ outcome: (outcome as RequestSearch['outcome']) ?? undefined })}
        />
        <KeySelect
          aria-label="Key"
          placeholder="Every key"
          clearable
          w={190}
          value={search.key ?? null}
          change={(key) => look({ key: key ?? undefined })}
        />
        <Select
          aria-label="Status"
          placeholder="Every status"
          clearable
          searchable
          w={140}
          data={STATUSES}
          value={search.status ?? null}
          onChange={(status) => look({ status: status ?? undefined })}
        />
        <Select
          aria-label="Reason"
          placeholder="Every reason"
          clearable
          searchable
          w={240}
          data={Object.keys(REFUSALS)}
          value={search.code ?? null}
          onChange={(code) => look({ code: code ?? undefined })}
        />
      </Group>
      {project && <RequestList query={queryOf(search, project.id)} open={(id) => look({ id })} />}
      {search.id && <RequestDetail id={search.id} close={() => look({ id: undefined })} />}
    </Page>
  );
}

function queryOf({ outcome, model, code, key, status }: RequestSearch, project: string): RequestQuery {
  return {
    project,
    ...(outcome ? { outcome } : {}),
    ...(model ? { model } : {}),
    ...(code ? { code } : {}),
    ...(key ? { key } : {}),
    ...(/^\d{1,3}$/.test(status ?? '') ? { status: Number(status) } : {}),
  };
}
