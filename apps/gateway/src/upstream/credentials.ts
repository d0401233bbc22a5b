import type { Provider } from '#contracts/policy';
import { Refused } from '#contracts/refusals';
import { CredentialFiles } from './credential-files.js';
import type { ProjectKeys } from './own-keys.js';

/** What a provider is asked with, and whose it is. */
interface Credential {
  /** Null: the provider wants none. */
  readonly secret: string | null;
  /** The project's own, and not the deployment's: the provider bills them and not us. */
  readonly own: boolean;
}

/** The credential that goes to a provider's own origin, and nowhere else. */
export class Credentials {
  private readonly files = new CredentialFiles();

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** For one route of one request. Throws where the provider wants one that is not there. */
  credentialFor(provider: Provider, own: ProjectKeys): Credential {
    const secret = own.secretFor(provider);
    return secret === null ? { secret: this.deployments(provider), own: false } : { secret, own: true };
  }

  /** Whether it could be asked: with which credential, or that the one it wants is not there. */
  stateOf(provider: Provider, own: ProjectKeys): 'own' | 'ours' | 'none' | 'missing' {
    try {
      const { secret, own: isOwn } = this.credentialFor(provider, own);
      if (isOwn) return 'own';
      return secret === null ? 'none' : 'ours';
    } catch {
      return 'missing';
    }
  }

  private deployments({ id, credential_env, credential_file }: Provider): string | null {
    if (credential_file !== null) return this.files.read(id, credential_file);
    if (credential_env === null) return null;
    const credential = this.env[credential_env];
    if (credential) return credential;
    throw new Refused('service_unavailable', {
      cause: new Error(`provider ${id} wants a credential in ${credential_env}, which is not set`),
    });
  }
}
