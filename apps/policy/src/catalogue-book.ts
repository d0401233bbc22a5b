import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Catalogue } from '#contracts/policy';
import { Refused } from '#contracts/refusals';
import { Clock } from '#runtime/clock';
import { ConfigError } from '#runtime/config';
import type { CatalogueYaml } from './catalogue-yaml.js';
import { type Composed, composeCatalogue } from './compose-catalogue.js';
import { readFileLayer } from './file-layer.js';
import { KIT, type PolicyKit } from './kit.js';
import { newestCatalogue, newestRevision } from './store/catalogues.js';
import { PublishedCatalogue } from './store/entities.js';
import { type Overlay, readOverlay } from './store/overlay.js';

/** One message on the bus takes a megabyte, and a catalogue has to fit into one. */
const MOST_BYTES = 900_000;

/** The catalogue in its layers: what is known, this replica’s file, what was said to the admin API; and what was published of it. */
@Injectable()
export class CatalogueBook {
  private said?: CatalogueYaml;
  private held?: Catalogue;

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: Pick<PolicyKit, 'config'>,
  ) {}

  get file(): CatalogueYaml {
    if (!this.said) throw new Refused('service_unavailable', { message: 'The catalogue is not there yet.' });
    return this.said;
  }

  /** Reads the file again; false where it says what it said. Throws, and keeps what was there, where it is wrong. */
  readFile(): boolean {
    const said = readFileLayer(this.kit.config);
    const alone = fitting(composeCatalogue(said));
    if ('problems' in alone) throw new ConfigError(`The catalogue is wrong: ${alone.problems.join('; ')}`);
    if (JSON.stringify(said) === JSON.stringify(this.said)) return false;
    this.said = said;
    return true;
  }

  compose(over: Overlay): Composed {
    return fitting(composeCatalogue(this.file, over));
  }

  /**
   * Under the lock of the catalogue: what is in the layers now is what gateways get with the commit. The revision, or the
   * problems for which it stays as it was.
   */
  async publish(tx: EntityManager): Promise<number | { problems: string[] }> {
    const composed = this.compose(await readOverlay(tx));
    if ('problems' in composed) return composed;
    const content = composed.catalogue;
    const digest = hash('sha256', JSON.stringify(content), 'base64url');
    const newest = await newestCatalogue(tx);
    if (newest?.digest === digest) return Number(newest.revision);
    const revision = Number(newest?.revision ?? 0) + 1;
    const publishedAt = this.clock.date();
    await tx.insert(PublishedCatalogue, { revision: String(revision), content, digest, publishedAt });
    return revision;
  }

  /** The newest of all replicas', not this one's own: during a roll-out every gateway gets the same answer. */
  async current(): Promise<Catalogue> {
    const revision = await newestRevision(this.db.manager);
    if (this.held?.revision === revision) return this.held;
    const newest = await newestCatalogue(this.db.manager);
    if (!newest) throw new Refused('service_unavailable', { message: 'The catalogue is not there yet.' });
    this.held = { revision: Number(newest.revision), ...newest.content };
    return this.held;
  }

  /** Where each provider is. */
  async origins(): Promise<ReadonlyMap<string, string>> {
    return new Map((await this.current()).providers.map(({ id, origin }) => [id, origin]));
  }
}

/** Whoever changes a layer waits here for whoever does so already. */
export async function lockCatalogue(tx: EntityManager): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtext('keyward:catalogue'))");
}

function fitting(composed: Composed): Composed {
  if ('problems' in composed) return composed;
  const bytes = Buffer.byteLength(JSON.stringify(composed.catalogue));
  if (bytes <= MOST_BYTES) return composed;
  return { problems: [`it is too large: ${bytes} bytes, of ${MOST_BYTES} at most. Take fewer models`] };
}
