import type { UsableKey } from '#contracts/keys';
import type { Provider } from '#contracts/policy';
import type { ProviderKeysRpc } from '#contracts/provider-keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import { placeOf, unseal } from '#domain/provider-key/seal';
import { TwoGenerations } from '#keyring/two-generations';

type Resolve = (
  asked: Asked<typeof ProviderKeysRpc.resolveProviderKeys>,
) => Promise<Answers<typeof ProviderKeysRpc.resolveProviderKeys>>;
type Whose = Pick<UsableKey, 'organization_id' | 'project_id'>;

const ATTEMPTS = 3;

/**
 * The provider keys that projects bring of their own, as far as this gateway has met the projects: sealed, until one is
 * sent. An entry lives until its project's keys change; how that is heard is `own-keys-watch.ts`.
 */
export class OwnKeys {
  private readonly known: TwoGenerations<string, ProjectKeys>;
  private readonly asking = new Map<string, Promise<ProjectKeys>>();
  /** The newest change that was heard of: an answer that is older is not believed. */
  private newest = 0;
  /** Counts the times that everything was dropped: an answer that was asked for before is not kept. */
  private age = 0;

  constructor(
    private readonly resolve: Resolve,
    private readonly sealKeys: readonly Uint8Array[],
    capacity: number,
  ) {
    this.known = new TwoGenerations(capacity);
  }

  /** No question is asked; undefined where one has to be. */
  peek({ project_id }: Whose): ProjectKeys | undefined {
    return this.known.get(project_id);
  }

  /** Throws where nobody can say: to send it over the installation's credential would be to pay for somebody else. */
  find(whose: Whose): Promise<ProjectKeys> {
    const { project_id } = whose;
    const asked = this.asking.get(project_id);
    if (asked) return asked;
    const answer = this.ask(whose).finally(() => {
      if (this.asking.get(project_id) === answer) this.asking.delete(project_id);
    });
    this.asking.set(project_id, answer);
    return answer;
  }

  get revision(): number {
    return this.newest;
  }

  /** The next change in line is this project's. */
  changed(projectId: string, revision: number): void {
    this.newest = Math.max(this.newest, revision);
    this.known.delete(projectId);
    this.asking.delete(projectId);
  }

  /** Something changed that was not heard of, up to this revision; a lower one than before comes out of a backup. */
  dropAll(revision: number): void {
    this.newest = revision;
    this.age++;
    this.known.clear();
    this.asking.clear();
  }

  private async ask({ organization_id, project_id }: Whose): Promise<ProjectKeys> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { age } = this;
      const { as_of, keys } = await this.resolve({ organization_id, project_id });
      if (as_of < this.newest || age !== this.age) continue;
      const found = new ProjectKeys(organization_id, project_id, keys, this.sealKeys);
      this.known.set(project_id, found);
      return found;
    }
    throw new Refused('service_unavailable', {
      cause: new Error('own provider keys changed faster than they could be looked up'),
    });
  }
}

/** What one project brings. */
export class ProjectKeys {
  private readonly sealed: ReadonlyMap<string, string>;
  private readonly opened = new Map<string, { readonly place: string; readonly secret: string | null }>();

  constructor(
    private readonly organizationId: string,
    private readonly projectId: string,
    keys: readonly { provider: string; sealed: string }[],
    private readonly sealKeys: readonly Uint8Array[],
  ) {
    this.sealed = new Map(keys.map(({ provider, sealed }) => [provider, sealed]));
  }

  /**
   * Null: it has none for this provider. Where it has one that was entered for another place than the provider is at now,
   * it is refused: neither may it go there, nor may the installation pay for what its owner meant to pay.
   */
  secretFor({ id, origin }: Provider): string | null {
    const sealed = this.sealed.get(id);
    if (sealed === undefined) return null;
    const place = placeOf(origin);
    let opened = this.opened.get(id);
    if (opened?.place !== place) {
      const about = { organizationId: this.organizationId, projectId: this.projectId, provider: id, origin };
      opened = { place, secret: unseal(sealed, about, this.sealKeys) };
      this.opened.set(id, opened);
    }
    if (opened.secret !== null) return opened.secret;
    throw new Refused('upstream_error', {
      message: `Your project’s own key for ${id} has to be entered again: the provider has moved.`,
      details: { provider: id },
    });
  }
}
