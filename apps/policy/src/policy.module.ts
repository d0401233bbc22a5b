import type { DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BusClient } from '#rpc/client';
import { EventPublisher } from '#rpc/events';
import { Clock } from '#runtime/clock';
import { openPostgres } from '#runtime/postgres';
import { housekeepingWith } from '#runtime/store/housekeeping';
import { mutationsWith } from '#runtime/store/mutations';
import { CatalogueHandlers } from './catalogue.rpc.js';
import { CatalogueBook } from './catalogue-book.js';
import { CatalogueDesk } from './catalogue-desk.js';
import { CatalogueFeed } from './catalogue-feed.js';
import { ExplainHandlers } from './explain.rpc.js';
import { ImpactHandlers } from './impact.rpc.js';
import { KeyModelsHandlers } from './key-models.rpc.js';
import { KIT, type PolicyKit } from './kit.js';
import { LEFTOVERS } from './leftovers.js';
import { ModelRulesHandlers } from './model-rules.rpc.js';
import { CatalogueChanges } from './mutation/catalogue-changes.js';
import { ProviderKeyChanges } from './mutation/provider-key-changes.js';
import { CreateModel } from './operations/create-model.js';
import { CreateProvider } from './operations/create-provider.js';
import { CreateProviderKey } from './operations/create-provider-key.js';
import { DeleteModel } from './operations/delete-model.js';
import { DeleteProvider } from './operations/delete-provider.js';
import { DeleteProviderKey } from './operations/delete-provider-key.js';
import { GetCatalogue } from './operations/get-catalogue.js';
import { GetModel } from './operations/get-model.js';
import { GetProvider } from './operations/get-provider.js';
import { GetProviderKey } from './operations/get-provider-key.js';
import { ListModels } from './operations/list-models.js';
import { ListProviderKeys } from './operations/list-provider-keys.js';
import { ListProviders } from './operations/list-providers.js';
import { ResolveProviderKeys } from './operations/resolve-provider-keys.js';
import { UpdateModel } from './operations/update-model.js';
import { UpdateProvider } from './operations/update-provider.js';
import { UpdateProviderKey } from './operations/update-provider-key.js';
import { PolicyHandlers } from './policy.rpc.js';
import { ProviderKeyFeed } from './provider-key-feed.js';
import { ProviderKeysHandlers } from './provider-keys.rpc.js';
import { RULES } from './rules.providers.js';
import { RulesHandlers } from './rules.rpc.js';
import { ProviderKey, PublishedCatalogue } from './store/entities.js';
import { Foundation1763700000000 } from './store/migrations/1763700000000-foundation.js';
import { Changes1763960000000 } from './store/migrations/1763960000000-changes.js';
import { Rules1763980000000 } from './store/migrations/1763980000000-rules.js';
import { ProviderKeys1763990000000 } from './store/migrations/1763990000000-provider-keys.js';

const CATALOGUE = [
  CatalogueBook,
  CatalogueFeed,
  CatalogueDesk,
  CatalogueChanges,
  GetCatalogue,
  CreateModel,
  CreateProvider,
  DeleteModel,
  DeleteProvider,
  GetModel,
  GetProvider,
  ListModels,
  ListProviders,
  UpdateModel,
  UpdateProvider,
];

const PROVIDER_KEYS = [
  ProviderKeyFeed,
  ProviderKeyChanges,
  CreateProviderKey,
  DeleteProviderKey,
  GetProviderKey,
  ListProviderKeys,
  ResolveProviderKeys,
  UpdateProviderKey,
];

export class PolicyModule {
  static with(kit: PolicyKit): DynamicModule {
    return {
      module: PolicyModule,
      controllers: [
        PolicyHandlers,
        CatalogueHandlers,
        ProviderKeysHandlers,
        RulesHandlers,
        ExplainHandlers,
        ImpactHandlers,
        ModelRulesHandlers,
        KeyModelsHandlers,
      ],
      providers: [
        { provide: KIT, useValue: kit },
        { provide: DataSource, useFactory: () => openStore(kit) },
        { provide: BusClient, useValue: new BusClient({ connection: kit.bus, service: 'policy' }) },
        { provide: EventPublisher, useValue: new EventPublisher(kit.bus) },
        Clock,
        ...mutationsWith(kit.log),
        housekeepingWith({ log: kit.log, service: 'policy', leftovers: LEFTOVERS }),
        ...CATALOGUE,
        ...RULES,
        ...PROVIDER_KEYS,
      ],
    };
  }
}

async function openStore({ config, log, health, closing }: PolicyKit): Promise<DataSource> {
  const db = await openPostgres({
    url: config.KEYWARD_POSTGRES_URL,
    schema: 'policy',
    entities: [PublishedCatalogue, ProviderKey],
    migrations: [Foundation1763700000000, Changes1763960000000, Rules1763980000000, ProviderKeys1763990000000],
    log,
    poolSize: 4,
  });
  closing(() => db.destroy());
  health.watch('postgres', () => db.query('SELECT 1'));
  return db;
}
