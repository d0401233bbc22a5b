import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { projects } from '../api/projects.js';
import { useProject } from './use-project.js';

/** Which project one works in. Keys, limits and plans are a project’s. */
export function ProjectMenu() {
  const { data = [] } = useQuery(projects);
  const { project, choose } = useProject();
  return (
    <Select
      size="sm"
      aria-label="Project"
      data={data.map(({ id, name }) => ({ value: id, label: name }))}
      value={project?.id ?? null}
      onChange={(id) => id && choose(id)}
      searchable={data.length > 8}
      comboboxProps={{ shadow: 'md' }}
    />
  );
}
