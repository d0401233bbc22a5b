import type { EntityManager } from 'typeorm';
import { PublishedCatalogue } from './entities.js';

export function newestCatalogue(db: EntityManager): Promise<PublishedCatalogue | null> {
  return db.createQueryBuilder(PublishedCatalogue, 'c').orderBy('c.revision', 'DESC').limit(1).getOne();
}
