import type { NatsConnection } from '@nats-io/transport-node';
import { type Catalogue, PolicyEvents, PolicyRpc } from '#contracts/policy';
import { Refused } from '#contracts/refusals';
import type { BusClient } from '#rpc/client';
import { onBeat } from '#rpc/heartbeat';
import { type Listening, listen } from '#rpc/listen';
import type { Log } from '#runtime/log';
import { patiently } from '#runtime/patience';
import { type KnownModel, knownModels, listedModels } from './known-models.js';

/** The catalogue as one process knows it: a snapshot that the policy service replaces, read without any wait. */
export class CatalogueDirectory {
  private revision = 0;
  private ids: readonly string[] = [];
  /** By every name they may be asked for. */
  private byName: ReadonlyMap<string, KnownModel> = new Map();
  private listening?: Listening;
  private stopBeats?: () => void;
  private loading?: Promise<void>;
  private readonly stopping = new AbortController();

  constructor(
    private readonly bus: NatsConnection,
    private readonly client: BusClient,
    private readonly log: Log,
  ) {}

  async start(): Promise<void> {
    this.listening = listen(this.bus, [PolicyEvents.catalogueChanged], ({ payload }) => this.hear(payload.revision), {
      from: 'new',
      log: this.log,
      onGap: () => this.load(),
    });
    await this.listening.ready;
    this.stopBeats = onBeat(this.bus, 'policy', ({ revision }) => void this.hear(revision));
    await patiently('the catalogue', this.log, () => this.fetch(), this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.stopBeats?.();
    await this.listening?.close();
  }

  get isLoaded(): boolean {
    return this.revision > 0;
  }

  /** Every name that may be listed: the models, and what the operator calls them. */
  models(): readonly string[] {
    return this.ids;
  }

  /** The model of this name, of this alias, or of this snapshot. */
  modelOf(name: string): KnownModel {
    const model = this.byName.get(name);
    if (model) return model;
    if (!this.isLoaded) throw new Refused('service_unavailable');
    throw new Refused('model_not_found', {
      message: `The model ${JSON.stringify(name)} does not exist.`,
      param: 'model',
    });
  }

  private async hear(revision: number): Promise<void> {
    // Before the first one is here, `start` is asking for it already.
    if (this.isLoaded && revision > this.revision) await this.load();
  }

  private load(): Promise<void> {
    this.loading ??= this.fetch()
      // The snapshot at hand stays good; the next heartbeat tries again.
      .catch((error) => this.log.warn({ err: error }, 'the catalogue could not be read'))
      .finally(() => {
        this.loading = undefined;
      });
    return this.loading;
  }

  private async fetch(): Promise<void> {
    this.apply(await this.client.call(PolicyRpc.getCatalogue, {}));
  }

  private apply(catalogue: Catalogue): void {
    if (catalogue.revision <= this.revision) return;
    this.byName = knownModels(catalogue);
    this.ids = [...listedModels(catalogue, this.byName).keys()];
    this.revision = catalogue.revision;
  }
}
