import { Group, Pill, SegmentedControl, Select } from '@mantine/core';
import { BUCKETS_OF, type Group as By, bucketOf, RANGES, type Range, type UsageSearch } from './usage-search.js';

const RANGE_LABELS: Record<Range, string> = {
  '1h': '1 h',
  '24h': '24 h',
  '7d': '7 d',
  '30d': '30 d',
  '90d': '90 d',
  '1y': '1 y',
};
const BUCKET_LABELS = { '1m': 'By the minute', '1h': 'By the hour', '1d': 'By the day' };
const GROUP_LABELS: Record<By, string> = {
  model: 'By model',
  key: 'By key',
  provider: 'By provider',
  project: 'By project',
};

interface UsageFiltersProps {
  readonly search: UsageSearch;
  readonly look: (change: UsageSearch) => void;
  readonly projectName: string;
  readonly nameOfKey: (id: string) => string;
}

export function UsageFilters({ search, look, projectName, nameOfKey }: UsageFiltersProps) {
  const { range = '7d', by = 'model' } = search;
  const labels = {
    ...(search.key ? { key: `Key ${nameOfKey(search.key)}` } : {}),
    ...(search.model ? { model: `Model ${search.model}` } : {}),
    ...(search.provider ? { provider: `Provider ${search.provider}` } : {}),
  };
  return (
    <Group gap="xs">
      <SegmentedControl
        size="xs"
        aria-label="Time"
        value={range}
        onChange={(chosen) => look({ range: chosen as Range, bucket: undefined })}
        data={RANGES.map((value) => ({ value, label: RANGE_LABELS[value] }))}
      />
      <Select
        size="xs"
        w={138}
        aria-label="Cut"
        value={bucketOf(search)}
        onChange={(bucket) => look({ bucket: (bucket as UsageSearch['bucket']) ?? undefined })}
        data={BUCKETS_OF[range].map((value) => ({ value, label: BUCKET_LABELS[value] }))}
      />
      <Select
        size="xs"
        w={138}
        aria-label="Told apart"
        value={by}
        onChange={(chosen) => look({ by: (chosen as By) ?? undefined })}
        data={Object.entries(GROUP_LABELS).map(([value, label]) => ({ value, label }))}
      />
      <Select
        size="xs"
        w={168}
        aria-label="Where"
        disabled={by === 'project'}
        value={search.in === 'organization' || by === 'project' ? 'organization' : 'project'}
        onChange={(where) => look({ in: where === 'organization' ? where : undefined })}
        data={[
          { value: 'project', label: projectName },
          { value: 'organization', label: 'All projects' },
        ]}
      />
      <Select
        size="xs"
        w={168}
        aria-label="Paid by"
        value={search.over ?? 'both'}
        onChange={(over) => look({ over: over === 'both' ? undefined : (over as UsageSearch['over']) })}
        data={[
          { value: 'both', label: 'Whoever pays' },
          { value: 'platform', label: 'Platform credits' },
          { value: 'own', label: 'Own provider keys' },
        ]}
      />
      <SegmentedControl
        size="xs"
        aria-label="Show as"
        value={search.view ?? 'charts'}
        onChange={(view) => look({ view: view === 'table' ? view : undefined })}
        data={[
          { value: 'charts', label: 'Charts' },
          { value: 'table', label: 'Tables' },
        ]}
      />
      {Object.entries(labels).map(([name, label]) => (
        <Pill
          key={name}
          size="md"
          withRemoveButton
          removeButtonProps={{ 'aria-label': `Remove the filter ${label}`, tabIndex: 0, 'aria-hidden': false }}
          onRemove={() => look({ [name]: undefined })}
        >
          {label}
        </Pill>
      ))}
    </Group>
  );
}
