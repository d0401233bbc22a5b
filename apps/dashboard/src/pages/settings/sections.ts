export const SECTIONS = ['organization', 'members', 'projects', 'providers', 'webhooks', 'audit'] as const;
export type Section = (typeof SECTIONS)[number];

export const SECTION_LABELS: Record<Section, string> = {
  organization: 'Organization',
  members: 'Members',
  projects: 'Projects',
  providers: 'Providers',
  webhooks: 'Webhooks',
  audit: 'Audit log',
};
