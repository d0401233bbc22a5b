import { z } from 'zod';
import { ROLES, SCOPES } from '#domain/access/scope';
import { id } from './fields.js';
import { usableKey } from './key.js';
import { rpc } from './rpc.js';

/** What the other services ask before they change anything: who may do what is decided where people and keys are. */
export const AccessRpc = {
  authorize: rpc({
    subject: 'keyward.keys.authorize',
    summary: 'Whether whoever asks may do this in an organization, and whether what it is about is in there.',
    request: z.strictObject({
      organization_id: id('organization'),
      needs: z.enum(SCOPES),
      as_operator: z
        .boolean()
        .default(false)
        .describe('It changes what all organizations share: only those who run the installation may.'),
      project_id: id('project').optional(),
      key_id: id('key').optional(),
      member_id: id('member').optional(),
    }),
    reply: z.object({ actor: z.string(), role: z.enum(ROLES).nullable().describe('Null: not a person.') }),
  }),
  getUsableKey: rpc({
    subject: 'keyward.keys.usable',
    summary: 'For services: a key as gateways know it, by its id, as it is at this moment.',
    request: z.strictObject({ organization_id: id('organization'), key_id: id('key') }),
    reply: usableKey,
  }),
};
