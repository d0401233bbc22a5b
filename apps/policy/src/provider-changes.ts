import type { CatalogueRpc, ProviderView } from '#contracts/catalogue';
import { Refused } from '#contracts/refusals';
import type { Asked } from '#contracts/rpc';
import type { Doing } from '#runtime/store/mutations';
import { assertRevision } from '#runtime/store/revision';
import type { Sight } from './mutation/catalogue-changes.js';
import { type SaidProvider, say } from './store/overlay.js';

type Wanted = Omit<Asked<typeof CatalogueRpc.updateProvider>, 'organization_id' | 'provider_id' | 'expected_revision'>;

/** Where the credentials of providers are that were made over the admin API: it must not be a way to read any file. */
const CREDENTIALS = '/run/secrets/providers/';

/** Writes what is said of a provider over what was said before; what is not said stays. */
export async function sayOfProvider(doing: Doing, { over }: Sight, id: string, wanted: Wanted): Promise<void> {
  const { credential_env, credential_file } = wanted;
  if (credential_env && credential_file)
    throw new Refused('invalid_request', {
      message: 'has both credential_env and credential_file',
      param: 'credential_file',
    });
  const said: SaidProvider = { ...over.providers.get(id)?.said, ...wanted };
  if (credential_file) said.credential_file = CREDENTIALS + credential_file.replace(CREDENTIALS, '');
  // It has one of the two: the one that was said last.
  if (credential_env) said.credential_file = null;
  if (credential_file) said.credential_env = null;
  await say(doing.db, 'provider', id, said);
}

export function existingProvider({ provider }: Sight, id: string, expected?: number): ProviderView {
  const found = provider(id);
  if (!found) throw new Refused('not_found', { message: 'There is no such provider.' });
  assertRevision(String(found.revision), expected);
  return found;
}

export function auditedProvider(view: ProviderView): Record<string, unknown> {
  const { dialect, origin, credential_env, credential_file, prices, models } = view;
  return { dialect, origin, credential_env, credential_file, prices, models };
}
