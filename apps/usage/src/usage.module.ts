import type { DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '#runtime/clock';
import { openPostgres } from '#runtime/postgres';
import { EscrowHandlers } from './escrow.rpc.js';
import { KIT, type UsageKit } from './kit.js';
import { GetUsage } from './operations/get-usage.js';
import { GrantSlices } from './operations/grant-slices.js';
import { KeepHolds } from './operations/keep-holds.js';
import { Foundation1763700000000 } from './store/migrations/1763700000000-foundation.js';
import { Spend1763920000000 } from './store/migrations/1763920000000-spend.js';
import { LastUsed1763930000000 } from './store/migrations/1763930000000-last-used.js';
import { Bank1763960000000 } from './store/migrations/1763960000000-bank.js';
import { UsageHandlers } from './usage.rpc.js';
import { UsageWorker } from './usage-worker.js';

export class UsageModule {
  static with(kit: UsageKit): DynamicModule {
    return {
      module: UsageModule,
      controllers: [UsageHandlers, EscrowHandlers],
      providers: [
        { provide: KIT, useValue: kit },
        { provide: DataSource, useFactory: () => openStore(kit) },
        Clock,
        GetUsage,
        GrantSlices,
        KeepHolds,
        UsageWorker,
      ],
    };
  }
}

async function openStore({ config, log, health, closing }: UsageKit): Promise<DataSource> {
  const db = await openPostgres({
    url: config.KEYWARD_POSTGRES_URL,
    schema: 'usage',
    entities: [],
    migrations: [Foundation1763700000000, Spend1763920000000, LastUsed1763930000000, Bank1763960000000],
    log,
  });
  closing(() => db.destroy());
  health.watch('postgres', () => db.query('SELECT 1'));
  return db;
}
