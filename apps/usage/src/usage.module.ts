import type { DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '#runtime/clock';
import { Reclaim } from './bank/reclaim.js';
import { EscrowHandlers } from './escrow.rpc.js';
import { KIT, type UsageKit } from './kit.js';
import { GetUsage } from './operations/get-usage.js';
import { GrantSlices } from './operations/grant-slices.js';
import { KeepHolds } from './operations/keep-holds.js';
import { openStore } from './store/open-store.js';
import { UsageHandlers } from './usage.rpc.js';
import { UsageWorker } from './usage-worker.js';

export class UsageModule {
  static with(kit: UsageKit): DynamicModule {
    return {
      module: UsageModule,
      controllers: [UsageHandlers, EscrowHandlers],
      providers: [
        { provide: KIT, useValue: kit },
        { provide: DataSource, useFactory: () => openBooks(kit) },
        Clock,
        GetUsage,
        GrantSlices,
        KeepHolds,
        Reclaim,
        UsageWorker,
      ],
    };
  }
}

async function openBooks({ config, log, health, closing }: UsageKit): Promise<DataSource> {
  const db = await openStore(config.KEYWARD_POSTGRES_URL, log);
  closing(() => db.destroy());
  health.watch('postgres', () => db.query('SELECT 1'));
  return db;
}
