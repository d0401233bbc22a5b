import type { EntityManager } from 'typeorm';
import type { CataloguePrice } from '#contracts/policy';
import type { CatalogueYaml } from '../catalogue-yaml.js';

export type SaidModel = CatalogueYaml['models'][string];
/** What is not said is as the file says; null: it has none, whatever the file says. */
export type SaidProvider = {
  [Field in keyof CatalogueYaml['providers'][string]]?: CatalogueYaml['providers'][string][Field] | null;
};

/** Something that was said over the admin API; null: that it is not there. */
interface Said<What> {
  readonly said: What | null;
  /** Counts up with every change: its ETag. */
  readonly revision: number;
}

export interface SetPrice {
  readonly model: string;
  readonly provider: string;
  readonly upstream_model: string;
  readonly from: string | null;
  readonly price: CataloguePrice | null;
}

/** What was said over the admin API, over what the file says. */
export interface Overlay {
  readonly models: ReadonlyMap<string, Said<SaidModel>>;
  readonly providers: ReadonlyMap<string, Said<SaidProvider>>;
  /** Of one route the oldest first. */
  readonly prices: readonly SetPrice[];
}

export const NOTHING_SAID: Overlay = { models: new Map(), providers: new Map(), prices: [] };

interface Row {
  kind: 'model' | 'provider';
  id: string;
  said: (SaidModel & SaidProvider) | null;
  revision: string;
}

export async function readOverlay(db: EntityManager): Promise<Overlay> {
  const rows: Row[] = await db.query('SELECT kind, id, said, revision FROM overlay ORDER BY kind, id');
  const of = (kind: Row['kind']) =>
    new Map(
      rows
        .filter((row) => row.kind === kind)
        .map(({ id, said, revision }) => [id, { said, revision: Number(revision) }] as const),
    );
  const prices: (Omit<SetPrice, 'from'> & { valid_from: Date | null })[] = await db.query(
    'SELECT model, provider, upstream_model, valid_from, price FROM set_price ORDER BY valid_from NULLS FIRST',
  );
  return {
    models: of('model'),
    providers: of('provider'),
    prices: prices.map(({ valid_from, ...price }) => ({ ...price, from: valid_from?.toISOString() ?? null })),
  };
}

export async function say(
  db: EntityManager,
  kind: Row['kind'],
  id: string,
  said: SaidModel | SaidProvider | null,
): Promise<void> {
  await db.query(
    `INSERT INTO overlay (kind, id, said, revision) VALUES ($1, $2, $3, 1)
     ON CONFLICT (kind, id) DO UPDATE SET said = excluded.said, revision = overlay.revision + 1`,
    [kind, id, said],
  );
}

/** One whose moment has come is never changed; one that is still to come may be thought over. */
export async function setPrice(db: EntityManager, price: SetPrice, at: Date, by: string): Promise<void> {
  const { model, provider, upstream_model, from } = price;
  await db.query(
    `INSERT INTO set_price (model, provider, upstream_model, valid_from, price, set_at, set_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (model, provider, upstream_model, valid_from)
     DO UPDATE SET price = excluded.price, set_at = excluded.set_at, set_by = excluded.set_by
     WHERE set_price.valid_from > excluded.set_at`,
    [model, provider, upstream_model, from, price.price, at, by],
  );
}
