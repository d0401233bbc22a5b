import type { DataSource } from 'typeorm';
import type { Log } from '#runtime/log';
import { openPostgres } from '#runtime/postgres';
import { Foundation1763700000000 } from './migrations/1763700000000-foundation.js';
import { Spend1763920000000 } from './migrations/1763920000000-spend.js';
import { LastUsed1763930000000 } from './migrations/1763930000000-last-used.js';
import { Bank1763960000000 } from './migrations/1763960000000-bank.js';
import { BankCare1763990000000 } from './migrations/1763990000000-bank-care.js';
import { Ledger1764100000000 } from './migrations/1764100000000-ledger.js';
import { Credits1764110000000 } from './migrations/1764110000000-credits.js';
import { Levels1764120000000 } from './migrations/1764120000000-levels.js';
import { Windows1764130000000 } from './migrations/1764130000000-windows.js';
import { Folding1764200000000 } from './migrations/1764200000000-folding.js';
import { Reservations1764210000000 } from './migrations/1764210000000-reservations.js';
import { Observed1764220000000 } from './migrations/1764220000000-observed.js';

const MIGRATIONS = [
  Foundation1763700000000,
  Spend1763920000000,
  LastUsed1763930000000,
  Bank1763960000000,
  BankCare1763990000000,
  Ledger1764100000000,
  Credits1764110000000,
  Levels1764120000000,
  Windows1764130000000,
  Folding1764200000000,
  Reservations1764210000000,
  Observed1764220000000,
];

export function openStore(
  url: string,
  log: Log,
  poolSize?: number,
  statementMilliseconds?: number,
): Promise<DataSource> {
  return openPostgres({
    url,
    schema: 'usage',
    entities: [],
    migrations: MIGRATIONS,
    log,
    poolSize,
    statementMilliseconds,
  });
}
