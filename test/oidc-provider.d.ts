/** The little of it that the tests use; the package has no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Account {
    readonly accountId: string;
    claims(): Promise<Record<string, unknown>>;
  }

  export class Provider {
    constructor(
      issuer: string,
      configuration: {
        readonly clients: readonly Record<string, unknown>[];
        readonly claims: Record<string, readonly string[]>;
        readonly findAccount: (context: unknown, id: string) => Promise<Account>;
        readonly jwks: { readonly keys: readonly object[] };
        readonly cookies: { readonly keys: readonly string[] };
        readonly [more: string]: unknown;
      },
    );
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }
}
