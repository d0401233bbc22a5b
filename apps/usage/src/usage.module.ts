import type { DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { leasesOf } from '#domain/budget/leases';
import { BusClient } from '#rpc/client';
import { EventPublisher } from '#rpc/events';
import { Clock } from '#runtime/clock';
import { mutationsWith } from '#runtime/store/mutations';
import { LimitFeed } from './bank/limit-feed.js';
import { Prepayers } from './bank/prepayers.js';
import { Reclaim } from './bank/reclaim.js';
import { BooksHandlers } from './books.rpc.js';
import { CreditsHandlers } from './credits.rpc.js';
import { EscrowHandlers } from './escrow.rpc.js';
import { Folding } from './folding.js';
import { Freshness } from './freshness.js';
import { BOOKS_STORE, KIT, LEASES, LEDGER_STORE, type UsageKit } from './kit.js';
import { LedgerWriter } from './ledger-writer.js';
import { ObservedHandlers } from './observed.rpc.js';
import { AddCredit } from './operations/add-credit.js';
import { CancelReservation } from './operations/cancel-reservation.js';
import { CheckBooks } from './operations/check-books.js';
import { ConfirmBatches } from './operations/confirm-batches.js';
import { CountObserved } from './operations/count-observed.js';
import { ExtendReservation } from './operations/extend-reservation.js';
import { FindHold } from './operations/find-hold.js';
import { GetCredits } from './operations/get-credits.js';
import { GetReport } from './operations/get-report.js';
import { GetRequest } from './operations/get-request.js';
import { GetReservation } from './operations/get-reservation.js';
import { GetUsage } from './operations/get-usage.js';
import { GrantSlices } from './operations/grant-slices.js';
import { KeepHolds } from './operations/keep-holds.js';
import { ListRequests } from './operations/list-requests.js';
import { Reserve } from './operations/reserve.js';
import { ReserveById } from './operations/reserve-by-id.js';
import { SettleReservation } from './operations/settle-reservation.js';
import { ReportsHandlers } from './reports.rpc.js';
import { Endings } from './reservations/endings.js';
import { Expiry } from './reservations/expiry.js';
import { Reserving } from './reservations/reserving.js';
import { TillTeller } from './reservations/till-teller.js';
import { ReservationsHandlers } from './reservations.rpc.js';
import { Retention } from './retention.js';
import { openStore } from './store/open-store.js';
import { Partitions } from './store/partitions.js';
import { UsageHandlers } from './usage.rpc.js';
import { UsageWorker } from './usage-worker.js';

const SUMS_MILLISECONDS = 60_000;

const LEDGER = [
  {
    provide: LEDGER_STORE,
    // After the other one, which has brought the schema up to date.
    useFactory: (kit: UsageKit, _: DataSource) => openBooks(kit, 3, 5000),
    inject: [KIT, DataSource],
  },
  { provide: Partitions, useFactory: (db: DataSource) => new Partitions(db), inject: [LEDGER_STORE] },
  Retention,
  Freshness,
  Folding,
  LedgerWriter,
  UsageWorker,
];

const RESERVATIONS = [
  Reserve,
  ReserveById,
  SettleReservation,
  CancelReservation,
  ExtendReservation,
  GetReservation,
  Reserving,
  Endings,
  TillTeller,
  Expiry,
];

export class UsageModule {
  static with(kit: UsageKit): DynamicModule {
    return {
      module: UsageModule,
      controllers: [
        UsageHandlers,
        EscrowHandlers,
        ReportsHandlers,
        CreditsHandlers,
        BooksHandlers,
        ReservationsHandlers,
        ObservedHandlers,
      ],
      providers: [
        { provide: KIT, useValue: kit },
        { provide: DataSource, useFactory: () => openBooks(kit) },
        { provide: LEASES, useValue: leasesOf(kit.config.KEYWARD_LEASE_SECONDS * 1000) },
        Clock,
        GetUsage,
        GrantSlices,
        KeepHolds,
        FindHold,
        Reclaim,
        GetReport,
        ListRequests,
        GetRequest,
        ConfirmBatches,
        CountObserved,
        ...LEDGER,
        ...RESERVATIONS,
        AddCredit,
        GetCredits,
        Prepayers,
        LimitFeed,
        { provide: EventPublisher, useValue: new EventPublisher(kit.bus) },
        CheckBooks,
        {
          provide: BOOKS_STORE,
          useFactory: (kit: UsageKit, _: DataSource) => openForSums(kit),
          inject: [KIT, DataSource],
        },
        { provide: BusClient, useValue: new BusClient({ connection: kit.bus, service: 'usage' }) },
        ...mutationsWith(kit.log),
      ],
    };
  }
}

/** Not watched: it may be busy for a while, and that is no illness. */
async function openForSums({ config, log, closing }: UsageKit): Promise<DataSource> {
  const db = await openStore(config.KEYWARD_POSTGRES_URL, log, 1, SUMS_MILLISECONDS);
  closing(() => db.destroy());
  return db;
}

async function openBooks(
  { config, log, health, closing }: UsageKit,
  connections?: number,
  statementMilliseconds?: number,
): Promise<DataSource> {
  const db = await openStore(config.KEYWARD_POSTGRES_URL, log, connections, statementMilliseconds);
  closing(() => db.destroy());
  health.watch('postgres', () => db.query('SELECT 1'));
  return db;
}
