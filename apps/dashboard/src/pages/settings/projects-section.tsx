import { Drawer, Menu, Stack, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteProject, type Project, projects } from '../../api/projects.js';
import { usePermission } from '../../app/use-permission.js';
import { Ask } from '../../parts/ask.js';
import { IconPencil, IconPlus, IconShieldCog, IconTrash } from '../../parts/icons.js';
import { Loaded } from '../../parts/loaded.js';
import { date } from '../../parts/moments.js';
import { roundMoney } from '../../parts/money.js';
import { RowMenu } from '../../parts/row-menu.js';
import { TableFrame } from '../../parts/table-frame.js';
import { recurrenceOf } from '../keys/key-cells.js';
import { RulesView } from '../rules/rules-view.js';
import { ProjectDialog } from './project-dialog.js';
import { SectionHead } from './section-head.js';

export function ProjectsSection() {
  const found = useQuery(projects);
  const may = usePermission('admin');
  const [editing, setEditing] = useState<Project | 'new' | null>(null);
  const [ruling, setRuling] = useState<Project | null>(null);
  const [deleting, setDeleting] = useState<Project | null>(null);
  return (
    <Stack gap="md">
      <SectionHead
        note="Keys live in projects. A project’s profile and plan decide how its keys look, how many there may be, and how fast."
        action={may.allowed && { label: 'New project', icon: <IconPlus size={16} />, run: () => setEditing('new') }}
      />
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
                      <RowMenu of={project.name}>
                        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setEditing(project)}>
                          Edit
                        </Menu.Item>
                        <Menu.Item leftSection={<IconShieldCog size={16} />} onClick={() => setRuling(project)}>
                          IAM rules
                        </Menu.Item>
                        <Menu.Divider />
                        <Menu.Item
                          color="red"
                          leftSection={<IconTrash size={16} />}
                          onClick={() => setDeleting(project)}
                        >
                          Delete
                        </Menu.Item>
                      </RowMenu>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </TableFrame>
        )}
      </Loaded>
      {editing && <ProjectDialog of={editing === 'new' ? null : editing} close={() => setEditing(null)} />}
      {ruling && (
        <Drawer opened onClose={() => setRuling(null)} size={640} title={`IAM rules of “${ruling.name}”`}>
          <RulesView
            owner={{ kind: 'project', id: ruling.id }}
            title="For all its keys"
            none="None: its keys may use everything that the organization may."
            editable={may.allowed}
          />
        </Drawer>
      )}
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
