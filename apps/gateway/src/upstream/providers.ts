import { Pool } from 'undici';
import type { Provider } from '#contracts/policy';
import { Refused } from '#contracts/refusals';
import { CredentialFiles } from './credential-files.js';

const CONNECT_MILLISECONDS = 3000;
const FIRST_BYTE_MILLISECONDS = 60_000;
const IDLE_MILLISECONDS = 60_000;

/** The providers’ connections, and the credential that goes to each one’s own origin and nowhere else. */
export class Providers {
  private readonly pools = new Map<string, Pool>();
  private readonly files = new CredentialFiles();

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  poolOf({ origin }: Provider): Pool {
    const known = this.pools.get(origin);
    if (known) return known;
    const pool = new Pool(new URL(origin).origin, {
      connections: 256,
      pipelining: 1,
      connect: { timeout: CONNECT_MILLISECONDS },
      headersTimeout: FIRST_BYTE_MILLISECONDS,
      bodyTimeout: IDLE_MILLISECONDS,
    });
    this.pools.set(origin, pool);
    return pool;
  }

  pathOf({ origin }: Provider, path: string): string {
    return new URL(origin).pathname.replace(/\/$/, '') + path;
  }

  credentialOf({ id, credential_env, credential_file }: Provider): string | null {
    if (credential_file !== null) return this.files.read(id, credential_file);
    if (credential_env === null) return null;
    const credential = this.env[credential_env];
    if (credential) return credential;
    throw new Refused('service_unavailable', {
      cause: new Error(`provider ${id} wants a credential in ${credential_env}, which is not set`),
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
  }
}
