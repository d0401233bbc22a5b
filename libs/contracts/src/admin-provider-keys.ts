import { z } from 'zod';
import { providerId } from './catalogue.js';
import { id, name } from './fields.js';
import { providerKey, providerSecret } from './provider-keys.js';

/** What `/api/provider-keys` takes and gives. */
export const ProviderKeyQuery = z.strictObject({
  project: id('project').optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(400).optional(),
});

export const NewProviderKey = z
  .strictObject({ project_id: id('project'), provider: providerId, name, secret: providerSecret })
  .meta({ id: 'NewProviderKey' });

export const ProviderKeyChange = z
  .strictObject({ name: name.optional(), secret: providerSecret.optional() })
  .meta({ id: 'ProviderKeyChange' });

export const ProviderKeyPage = z
  .object({ data: z.array(providerKey), has_more: z.boolean(), next_cursor: z.string().nullable() })
  .meta({ id: 'ProviderKeyPage' });

export type ProviderKeyQuery = z.output<typeof ProviderKeyQuery>;
