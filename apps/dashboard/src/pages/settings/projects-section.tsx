import { ActionIcon, Button, Group, Menu, Stack, Table, Text } from '@mantine/core';
import { IconDots, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteProject, type Project, projects } from '../../api/projects.js';
import { usePermission } from '../../app/use-permission.js';
import { Ask } from '../../parts/ask.js';
import { Loaded } from '../../parts/loaded.js';
import { date } from '../../parts/moments.js';
import { roundMoney } from '../../parts/money.js';
import { TableFrame } from '../../parts/table-frame.js';
import { recurrenceOf } from '../keys/key-cells.js';
import { ProjectDialog } from './project-dialog.js';

export function ProjectsSection() {
  const found = useQuery(projects);
  const may = usePermission('admin');
  const [editing, setEditing] = useState<Project | 'new' | null>(null);
  const [deleting, setDeleting] = useState<Project | null>(null);
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          Keys live in projects. A project’s profile and plan decide how its keys look, how many there may be, and how
          fast.
        </Text>
        {may.allowed && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
            New project
          </Button>
        )}
      </Group>
      <Loaded of={found} label="projects">
        {(all) => (
          <TableFrame label="Projects" minWidth={820}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Profile</Table.Th>
                <Table.Th>Plan</Table.Th>
                <Table.Th>Keys</Table.Th>
                <Table.Th>Limits</Table.Th>
                <Table.Th>Created</Table.Th>
                <Table.Th data-actions>
                  <span className="unseen">Actions</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map((project) => (
                <Table.Tr key={project.id}>
                  <Table.Td fw={550}>{project.name}</Table.Td>
                  <Table.Td>{project.profile}</Table.Td>
                  <Table.Td>{project.plan}</Table.Td>
                  <Table.Td className="number">
                    {project.keys.used}
                    {project.keys.allowed !== null && ` of ${project.keys.allowed}`}
                  </Table.Td>
                  <Table.Td>{limitsOf(project)}</Table.Td>
                  <Table.Td>{date(project.created_at)}</Table.Td>
                  <Table.Td data-actions>
                    {may.allowed && (
                      <Menu>
                        <Menu.Target>
                          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${project.name}`}>
                            <IconDots size={17} />
                          </ActionIcon>
                        </Menu.Target>
                        <Menu.Dropdown>
                          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setEditing(project)}>
                            Edit
                          </Menu.Item>
                          <Menu.Item
                            color="red"
                            leftSection={<IconTrash size={16} />}
                            onClick={() => setDeleting(project)}
                          >
                            Delete
                          </Menu.Item>
                        </Menu.Dropdown>
                      </Menu>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </TableFrame>
        )}
      </Loaded>
      {editing && <ProjectDialog of={editing === 'new' ? null : editing} close={() => setEditing(null)} />}
      {deleting && (
        <Ask
          title={`Delete “${deleting.name}”?`}
          label="Delete"
          act={() => deleteProject(deleting)}
          changes="projects"
          close={() => setDeleting(null)}
        >
          A project that still has keys is not deleted: delete those first.
        </Ask>
      )}
    </Stack>
  );
}

function limitsOf(project: Project): string {
  const { budget, currency, defaults } = project;
  const limits = [
    budget !== null && `${roundMoney(budget, currency)} all-time`,
    recurrenceOf(project),
    defaults.rate_limit !== null && `${defaults.rate_limit.toLocaleString('en')} RPM a key`,
    defaults.token_limit !== null && `${defaults.token_limit.toLocaleString('en')} TPM a key`,
  ].filter(Boolean);
  return limits.join(' · ') || 'The plan’s';
}
