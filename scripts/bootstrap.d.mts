/** What `installReason` weighs. */
export interface InstallFacts {
  /** Hash of package-lock.json as it is now. */
  wanted: string;
  /** The hash that the last install was stamped with, if any. */
  stamped: string | undefined;
  /** Whether node_modules brings a Node of its own. */
  bringsNode: boolean;
  /** The version of the Node that runs this, such as 20.20.2. */
  nodeVersion: string;
}

/** Why an install is needed, in a few words; undefined when everything is as the lock file says. */
export function installReason(facts: InstallFacts): string | undefined;

/** Whether npm's own note of what it installed agrees with the lock file. */
export function agrees(lock: Lock, installed: Lock): boolean;

export interface Lock {
  packages: Record<string, { version?: string; integrity?: string; optional?: boolean }>;
}
