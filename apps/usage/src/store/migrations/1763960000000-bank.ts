import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Bank1763960000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE usage_event
        ADD COLUMN own_key boolean NOT NULL DEFAULT false,
        ADD COLUMN prepaid boolean NOT NULL DEFAULT false,
        ADD COLUMN project_spend_epoch integer NOT NULL DEFAULT 0,
        ADD COLUMN project_window_start timestamptz;

      -- What can run out (docs/budgets.md). A reset or a new window begins a new row; nothing is ever set back to zero.
      -- Whoever changes a row of slice holds the lock of its bucket: granted is always their sum.
      CREATE TABLE bucket (
        id text PRIMARY KEY,
        organization_id text NOT NULL,
        settled numeric(30,0) NOT NULL DEFAULT 0,
        granted numeric(30,0) NOT NULL DEFAULT 0 CHECK (granted >= 0),
        limit_nanos numeric(30,0),
        limit_revision bigint NOT NULL DEFAULT 0
      ) WITH (fillfactor = 80);

      CREATE TABLE till (
        key_id text NOT NULL,
        till text NOT NULL,
        epoch bigint NOT NULL,
        organization_id text NOT NULL,
        run text NOT NULL,
        opened_at timestamptz NOT NULL,
        lease_until timestamptz NOT NULL,
        superseded_at timestamptz,
        PRIMARY KEY (key_id, till, epoch)
      ) WITH (fillfactor = 80);
      -- Of two who open a till at once, one does.
      CREATE UNIQUE INDEX till_current ON till (key_id, till) WHERE superseded_at IS NULL;
      CREATE INDEX till_lease ON till (lease_until);

      CREATE TABLE slice (
        key_id text NOT NULL,
        till text NOT NULL,
        epoch bigint NOT NULL,
        bucket_id text NOT NULL REFERENCES bucket,
        outstanding numeric(30,0) NOT NULL CHECK (outstanding >= 0),
        PRIMARY KEY (key_id, till, epoch, bucket_id),
        FOREIGN KEY (key_id, till, epoch) REFERENCES till ON DELETE CASCADE
      ) WITH (fillfactor = 80);

      -- Requests whose till has forgotten them: their money is left alone while they say that they live.
      CREATE TABLE kept_hold (
        request_id text PRIMARY KEY,
        organization_id text NOT NULL,
        key_id text NOT NULL,
        till text NOT NULL,
        epoch bigint NOT NULL,
        admitted_at timestamptz NOT NULL,
        held jsonb NOT NULL,
        kept_until timestamptz NOT NULL,
        FOREIGN KEY (key_id, till, epoch) REFERENCES till ON DELETE CASCADE
      );
      CREATE INDEX kept_hold_till ON kept_hold (key_id, till, epoch);

      INSERT INTO bucket (id, organization_id, settled)
      SELECT key_id || '/' || spend_epoch
               || CASE window_start WHEN '-infinity' THEN ''
                  ELSE '/' || to_char(window_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END,
             organization_id, cost_nanos
        FROM key_spend;
      INSERT INTO bucket (id, organization_id, settled)
      SELECT project_id || '/0', organization_id, sum(cost_nanos) FROM usage_event GROUP BY project_id, organization_id;
      DROP TABLE key_spend;
    `);
  }

  async down(): Promise<void> {
    throw new Error('the bank is not taken back: restore the database from before');
  }
}
