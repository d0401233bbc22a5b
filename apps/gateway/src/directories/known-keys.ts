import { randomUUID } from 'node:crypto';
import { KeysRpc } from '#contracts/keys';
import { KeyDirectory } from '#keyring/key-directory';
import { KeyDoor } from '#keyring/key-door';
import { type KeyWatch, watchKeys } from '#keyring/key-watch';
import { SecretCheck } from '#keyring/secret-check';
import { SecretUses } from '#keyring/secret-uses';
import { BusClient } from '#rpc/client';
import { publishUses } from '#rpc/usage-stream';
import { deriveKey } from '#runtime/keying';
import type { ProfileShelf } from '#runtime/profile-shelf';
import type { GatewayKit } from '../kit.js';
import { Presence } from './presence.js';

const KEYS_IN_MEMORY = 100_000;
const RESOLVE_MILLISECONDS = 900;

/** The keys as this gateway knows them: one for its two surfaces, the edge and the admin API. */
export class KnownKeys {
  /** As the others know this gateway. */
  readonly instance = randomUUID();
  readonly directory: KeyDirectory;
  readonly door: KeyDoor;
  readonly uses: SecretUses;
  private readonly watch: KeyWatch;
  /** Told with every sign of life: the oldest request that the ledger may not know of. */
  unsettledSince: () => number | null = () => null;
  tookOver: () => string[] = () => [];
  private presence?: Presence;

  constructor(
    private readonly kit: GatewayKit,
    readonly profiles: ProfileShelf,
  ) {
    const { bus, log, config } = kit;
    const client = new BusClient({ connection: bus, service: 'gateway' });
    const soon = { timeoutMs: RESOLVE_MILLISECONDS };
    this.directory = new KeyDirectory((asked) => client.call(KeysRpc.resolveKey, asked, soon), KEYS_IN_MEMORY);
    this.watch = watchKeys(bus, (asked) => client.call(KeysRpc.listChanges, asked, soon), this.directory, log);
    const secrets = new SecretCheck(() => profiles.values(), deriveKey(config.KEYWARD_SECRET, 'key checksum'));
    this.door = new KeyDoor(this.directory, this.watch, secrets);
    this.uses = new SecretUses((uses) => publishUses(bus, uses), log);
  }

  async start(): Promise<void> {
    const { watch } = this;
    await watch.start();
    const presence = new Presence(this.kit.bus, this.instance, {
      revision: () => watch.revision,
      unsettledSince: () => this.unsettledSince(),
      tookOver: () => this.tookOver(),
    });
    watch.onApplied = () => presence.applied();
    this.presence = presence;
    // Missing parts degrade the gateway; out of service it would only turn typed answers into broken connections.
    this.kit.health.watch(
      'keys',
      () => {
        if (watch.isStale()) throw new Error('no sign of life from the bus: cached keys are no longer served');
      },
      false,
    );
  }

  async stop(): Promise<void> {
    this.presence?.stop();
    await this.watch.stop();
    await this.uses.close();
  }
}
