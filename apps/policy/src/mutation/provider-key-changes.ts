import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Refused } from '#contracts/refusals';
import type { CallContext } from '#contracts/rpc';
import { NONCE_BYTES, placeOf, previewOf, seal } from '#domain/provider-key/seal';
import { deriveKey } from '#runtime/keying';
import { type Doing, Mutations } from '#runtime/store/mutations';
import { CatalogueBook } from '../catalogue-book.js';
import { KIT, type PolicyKit } from '../kit.js';
import { ProviderKeyFeed } from '../provider-key-feed.js';
import type { ProviderKey } from '../store/entities.js';
import { countUp } from '../store/provider-keys.js';

/** Where each provider is now. */
type Origins = ReadonlyMap<string, string>;

interface Change<Answer> {
  readonly name: string;
  readonly request: { readonly organization_id: string; readonly project_id?: string; readonly secret?: string };
  readonly context: CallContext;
  /** Answers with the key that is other now. */
  readonly work: (doing: Doing, origins: Origins) => Promise<{ answer: Answer; key: ProviderKey }>;
}

/** How own provider keys are changed: sealed before they are written, and told to the gateways. */
@Injectable()
export class ProviderKeyChanges {
  private readonly key: Uint8Array;

  constructor(
    private readonly mutations: Mutations,
    private readonly book: CatalogueBook,
    private readonly feed: ProviderKeyFeed,
    @Inject(KIT) { config }: PolicyKit,
  ) {
    this.key = deriveKey(config.KEYWARD_SECRET, 'provider keys');
  }

  async change<Answer>({ name, request, context, work }: Change<Answer>): Promise<Answer> {
    const { organization_id, project_id } = request;
    // Read before the transaction: one that waits for a second connection could wait for others that do so, too.
    const origins = await this.book.origins();
    let told: Parameters<ProviderKeyFeed['tell']>[0] | undefined;
    const answer = await this.mutations.run({
      name,
      asks: { organization_id, project_id, needs: 'admin', as_operator: false },
      context,
      request: this.unreadable(request),
      work: async (doing) => {
        const { answer, key } = await work(doing, origins);
        const revision = await countUp(doing.db);
        told = { organization_id: key.organizationId, project_id: key.projectId, revision };
        return answer;
      },
    });
    if (told) this.feed.tell(told);
    return answer;
  }

  /** What is stored of a secret: for this key’s project, and for the place where its provider is now. */
  sealed(
    secret: string,
    { organizationId, projectId, provider }: Pick<ProviderKey, 'organizationId' | 'projectId' | 'provider'>,
    origins: Origins,
  ): Pick<ProviderKey, 'sealed' | 'origin' | 'preview'> {
    const origin = origins.get(provider);
    if (origin === undefined)
      throw new Refused('invalid_request', { message: `There is no provider named ${provider}.`, param: 'provider' });
    const about = { organizationId, projectId, provider, origin };
    const sealed = seal(secret, about, this.key, randomBytes(NONCE_BYTES));
    return { sealed, origin: placeOf(origin), preview: previewOf(secret) };
  }

  /** For the digest of an idempotent request: a short secret could be found out from a plain one. */
  private unreadable({ secret, ...request }: Change<unknown>['request']): unknown {
    if (secret === undefined) return request;
    return { ...request, secret: createHmac('sha256', this.key).update(secret).digest('base64url') };
  }
}
