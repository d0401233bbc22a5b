import type { DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { EventPublisher } from '#rpc/events';
import { Clock } from '#runtime/clock';
import { openPostgres } from '#runtime/postgres';
import { CatalogueFeed } from './catalogue-feed.js';
import { KIT, type PolicyKit } from './kit.js';
import { GetCatalogue } from './operations/get-catalogue.js';
import { PolicyHandlers } from './policy.rpc.js';
import { PublishedCatalogue } from './store/entities.js';
import { Foundation1763700000000 } from './store/migrations/1763700000000-foundation.js';

export class PolicyModule {
  static with(kit: PolicyKit): DynamicModule {
    return {
      module: PolicyModule,
      controllers: [PolicyHandlers],
      providers: [
        { provide: KIT, useValue: kit },
        { provide: DataSource, useFactory: () => openStore(kit) },
        { provide: EventPublisher, useValue: new EventPublisher(kit.bus) },
        Clock,
        CatalogueFeed,
        GetCatalogue,
      ],
    };
  }
}

async function openStore({ config, log, health, closing }: PolicyKit): Promise<DataSource> {
  const db = await openPostgres({
    url: config.KEYWARD_POSTGRES_URL,
    schema: 'policy',
    entities: [PublishedCatalogue],
    migrations: [Foundation1763700000000],
    log,
    poolSize: 4,
  });
  closing(() => db.destroy());
  health.watch('postgres', () => db.query('SELECT 1'));
  return db;
}
