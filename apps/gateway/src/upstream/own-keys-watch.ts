import type { NatsConnection } from '@nats-io/transport-node';
import { PROVIDER_KEYS_BEAT, ProviderKeysEvents, ProviderKeysRpc } from '#contracts/provider-keys';
import { BusClient } from '#rpc/client';
import { onBeat } from '#rpc/heartbeat';
import { type Listening, listen } from '#rpc/listen';
import { deriveKey } from '#runtime/keying';
import type { GatewayKit } from '../kit.js';
import { OwnKeys } from './own-keys.js';

const PROJECTS_IN_MEMORY = 20_000;
const RESOLVE_MILLISECONDS = 900;

/** Keeps own provider keys true: a change is told, and one that was not is seen in the heartbeat within a second. */
export class OwnKeysWatch {
  readonly keys: OwnKeys;
  private readonly bus: NatsConnection;
  private listening?: Listening;
  private stopBeats?: () => void;

  constructor(private readonly kit: Pick<GatewayKit, 'bus' | 'config' | 'log'>) {
    const { bus, config } = kit;
    const client = new BusClient({ connection: bus, service: 'gateway' });
    const secrets = [config.KEYWARD_SECRET, config.KEYWARD_SECRET_PREVIOUS].filter((secret) => secret !== undefined);
    this.bus = bus;
    this.keys = new OwnKeys(
      (asked) => client.call(ProviderKeysRpc.resolveProviderKeys, asked, { timeoutMs: RESOLVE_MILLISECONDS }),
      secrets.map((secret) => deriveKey(secret, 'provider keys')),
      PROJECTS_IN_MEMORY,
    );
  }

  async start(): Promise<void> {
    const { keys } = this;
    this.listening = listen(
      this.bus,
      [ProviderKeysEvents.providerKeysChanged],
      ({ payload }) => this.hear(payload.project_id, payload.revision),
      { from: 'new', log: this.kit.log, onGap: () => keys.dropAll(keys.revision) },
    );
    await this.listening.ready;
    this.stopBeats = onBeat(this.bus, PROVIDER_KEYS_BEAT, ({ revision }) => {
      if (revision !== keys.revision) keys.dropAll(revision);
    });
  }

  async stop(): Promise<void> {
    this.stopBeats?.();
    await this.listening?.close();
  }

  private hear(projectId: string, revision: number): void {
    const { keys } = this;
    if (revision === keys.revision + 1) keys.changed(projectId, revision);
    // One before it was not heard of; what was heard of already is no news.
    else if (revision > keys.revision) keys.dropAll(revision);
  }
}
