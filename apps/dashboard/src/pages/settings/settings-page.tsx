import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { NotFound } from '../../app/not-found.js';
import { Page } from '../../parts/page.js';
import { AuditSection } from './audit-section.js';
import { CreditsSection } from './credits-section.js';
import { MembersSection } from './members-section.js';
import { OrganizationSection } from './organization-section.js';
import { ProjectsSection } from './projects-section.js';
import { ProviderKeysSection } from './provider-keys-section.js';
import { ProvidersSection } from './providers-section.js';
import { SECTION_LABELS, SECTIONS, type Section } from './sections.js';
import { WebhooksSection } from './webhooks-section.js';

const route = getRouteApi('/house/settings/$section');

const CONTENT: Record<Section, ComponentType> = {
  organization: OrganizationSection,
  members: MembersSection,
  projects: ProjectsSection,
  credits: CreditsSection,
  providers: ProvidersSection,
  'provider-keys': ProviderKeysSection,
  webhooks: WebhooksSection,
  audit: AuditSection,
};

export function SettingsPage() {
  const { section } = route.useParams();
  const navigate = route.useNavigate();
  if (!isSection(section)) return <NotFound />;
  const Content = CONTENT[section];
  return (
    <Page title="Settings">
      <Tabs
        value={section}
        keepMounted={false}
        onChange={(chosen) => chosen && void navigate({ to: '/settings/$section', params: { section: chosen } })}
      >
        <Tabs.List style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
          {SECTIONS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {SECTION_LABELS[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={section} pt="lg" maw={1100}>
          <Content />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function isSection(text: string): text is Section {
  return (SECTIONS as readonly string[]).includes(text);
}
