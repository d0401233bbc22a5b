import { z } from 'zod';
import { providerId } from './catalogue.js';
import { event } from './event.js';
import { id, moment, name, revision } from './fields.js';
import { rpc } from './rpc.js';

/** A project's own credentials with providers: written once, sent where they belong, and never read again. */
export const providerKey = z
  .object({
    id: id('provider_key'),
    organization_id: id('organization'),
    project_id: id('project'),
    provider: z.string(),
    name,
    preview: z.string(),
    status: z
      .enum(['active', 'reenter'])
      .describe(
        '`reenter`: the provider has moved since, and the secret is not sent to its new place before it is entered again.',
      ),
    created_at: moment,
    created_by: z.string(),
    revision,
  })
  .meta({ id: 'ProviderKey' });

/** It becomes a header: no spaces, no line breaks. */
export const providerSecret = z
  .string()
  .regex(/^[\x21-\x7e]{8,500}$/, 'must be 8 to 500 visible ASCII letters')
  .meta({ examples: ['sk-an-example-of-a-secret'] });

const tenant = { organization_id: id('organization') };
const one = { ...tenant, provider_key_id: id('provider_key') };
const expected = {
  expected_revision: revision.optional().describe('Refused where it is not at this revision any more.'),
};

export const ProviderKeysRpc = {
  createProviderKey: rpc({
    subject: 'keyward.policy.create_provider_key',
    summary: 'A project’s own key for a provider: its requests go over it from now on. One for each provider.',
    request: z.strictObject({
      ...tenant,
      project_id: id('project'),
      provider: providerId,
      name,
      secret: providerSecret,
    }),
    reply: providerKey,
  }),
  listProviderKeys: rpc({
    subject: 'keyward.policy.list_provider_keys',
    summary: 'The own provider keys of an organization, or of one project of it.',
    request: z.strictObject({
      ...tenant,
      project_id: id('project').optional(),
      limit: z.int().min(1).max(100).default(50),
      cursor: z.string().max(400).optional(),
    }),
    reply: z.object({ provider_keys: z.array(providerKey), next_cursor: z.string().nullable() }),
  }),
  getProviderKey: rpc({
    subject: 'keyward.policy.get_provider_key',
    summary: 'One own provider key, without its secret.',
    request: z.strictObject(one),
    reply: providerKey,
  }),
  updateProviderKey: rpc({
    subject: 'keyward.policy.update_provider_key',
    summary: 'Another name, or another secret in place of the old one.',
    request: z.strictObject({ ...one, ...expected, name: name.optional(), secret: providerSecret.optional() }),
    reply: providerKey,
  }),
  deleteProviderKey: rpc({
    subject: 'keyward.policy.delete_provider_key',
    summary: 'Its project’s requests go over the installation’s credential again.',
    request: z.strictObject({ ...one, ...expected }),
    reply: z.object({}),
  }),
  resolveProviderKeys: rpc({
    subject: 'keyward.policy.resolve_provider_keys',
    summary: 'For gateways: the sealed keys of a project.',
    request: z.strictObject({ ...tenant, project_id: id('project') }),
    reply: z.object({
      as_of: revision.describe('Every change up to here is in it.'),
      keys: z.array(z.object({ provider: z.string(), sealed: z.string() })),
    }),
  }),
};

/** Whose heartbeat carries the revision of own provider keys. */
export const PROVIDER_KEYS_BEAT = 'policy-provider-keys';

export const ProviderKeysEvents = {
  providerKeysChanged: event({
    subject: 'keyward.events.policy.provider_keys_changed',
    summary: 'A project has other own provider keys.',
    payload: z.object({ organization_id: id('organization'), project_id: id('project'), revision }),
  }),
};

export type ProviderKeyView = z.output<typeof providerKey>;
