import { readFileSync } from 'node:fs';
import { Refused } from '#contracts/refusals';

/** A rotated credential is in use after so long; until then the file is not looked at, because every request would. */
const FRESH_MILLISECONDS = 5000;

interface Held {
  readonly credential: string;
  readonly until: number;
}

/** Credentials in files, as secrets are mounted in Kubernetes and Docker. */
export class CredentialFiles {
  private readonly held = new Map<string, Held>();

  constructor(private readonly now: () => number = Date.now) {}

  read(provider: string, path: string): string {
    const held = this.held.get(path);
    if (held && this.now() < held.until) return held.credential;
    const credential = held ? (contentOf(path) ?? held.credential) : contentOf(path);
    if (!credential)
      throw new Refused('service_unavailable', {
        cause: new Error(`provider ${provider} wants a credential in the file ${path}, which has none`),
      });
    this.held.set(path, { credential, until: this.now() + FRESH_MILLISECONDS });
    return credential;
  }
}

/** Null while there is nothing to read: a mount that is being replaced is gone for a moment. */
function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
