import { useLocalStorage } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type Project, projects } from '../api/projects.js';

/** The project one works in: the one chosen last on this machine, or the first there is. */
export function useProject(): { project: Project | undefined; choose(id: string): void } {
  const [chosen, choose] = useLocalStorage<string | null>({
    key: 'keyward-project',
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const { data } = useQuery(projects);
  return { project: data?.find(({ id }) => id === chosen) ?? data?.[0], choose };
}
