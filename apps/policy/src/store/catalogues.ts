import type { EntityManager } from 'typeorm';
import { PublishedCatalogue } from './entities.js';

export function newestCatalogue(db: EntityManager): Promise<PublishedCatalogue | null> {
  return db.createQueryBuilder(PublishedCatalogue, 'c').orderBy('c.revision', 'DESC').limit(1).getOne();
}

/** 0 before there is any. */
export async function newestRevision(db: EntityManager): Promise<number> {
  const [{ revision }] = await db.query('SELECT coalesce(max(revision), 0) AS revision FROM catalogue');
  return Number(revision);
}
