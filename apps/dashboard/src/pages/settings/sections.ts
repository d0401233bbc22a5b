export const SECTIONS = [
  'organization',
  'members',
  'projects',
  'credits',
  'providers',
  'provider-keys',
  'webhooks',
  'audit',
] as const;
export type Section = (typeof SECTIONS)[number];

export const SECTION_LABELS: Record<Section, string> = {
  organization: 'Organization',
  members: 'Members',
  projects: 'Projects',
  credits: 'Credits',
  providers: 'Providers',
  'provider-keys': 'Provider keys',
  webhooks: 'Webhooks',
  audit: 'Audit log',
};
