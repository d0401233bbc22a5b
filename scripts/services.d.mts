/** A server Keyward needs: ours, started under the data directory, or somebody else's, named by an environment variable. */
export interface Service {
  readonly url: string;
  readonly external: boolean;
  /** Of our own server while it runs; undefined for an external one. */
  readonly pid: number | undefined;
  /** Resolves when the server is gone (at once for a signal that does not end it). */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops the server in its tracks, connections open, as a stalled disk or a paused machine would. */
  freeze(): void;
  thaw(): void;
  /** The same port and the same data; works after `kill()` too. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Services {
  postgres: Service;
  nats: Service;
  redis: Service;
  /** Stops the servers we started; leaves external ones alone. */
  stop(): Promise<void>;
  /** The last resort of an `exit` handler, where nothing can be awaited any more. */
  killNow(): void;
}

export interface ServicesOptions {
  dataDir: string;
  env?: Record<string, string | undefined>;
  /** Gets one plain line at a time. */
  report?: (line: string) => void;
  /** With accounts, NATS has users w1..wn (password the same), each alone in an account of its own. */
  nats?: { accounts?: number };
  /** `fsync: false` is for tests: data survives a killed server, but not a power cut. */
  postgres?: { fsync?: boolean };
}

export function startServices(options: ServicesOptions): Promise<Services>;
