import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Reservations1764210000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Calls that services make themselves, between their reservation and their end.
      CREATE TABLE reservation (
        id text PRIMARY KEY,
        request_id text NOT NULL UNIQUE,
        organization_id text NOT NULL,
        state text NOT NULL DEFAULT 'open',
        -- As the ledger will know it if nobody lives to tell more.
        event jsonb NOT NULL,
        tariffs jsonb NOT NULL,
        amount_nanos numeric(30,0) NOT NULL,
        -- What its till has to be told when it is over; null: nothing, or it has been.
        held jsonb,
        provider text,
        cost_nanos numeric(30,0),
        -- Of what it was settled with: told again it is the same, or a mistake.
        told_digest text,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz
      ) WITH (fillfactor = 80);
      CREATE INDEX reservation_due ON reservation (expires_at) WHERE state = 'open';
      CREATE INDEX reservation_untold ON reservation (ended_at) WHERE state <> 'open' AND held IS NOT NULL;
      CREATE INDEX reservation_ended ON reservation (ended_at) WHERE state <> 'open';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE reservation');
  }
}
