import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Changes1763960000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Entries for the audit log, until the keys service has them.
      CREATE TABLE deed (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry jsonb NOT NULL);

      -- What was answered to a request with an Idempotency-Key.
      CREATE TABLE idempotency (
        actor text NOT NULL,
        key text NOT NULL,
        request_digest text NOT NULL,
        answer jsonb,
        at timestamptz NOT NULL,
        PRIMARY KEY (actor, key)
      );
      CREATE INDEX idempotency_at ON idempotency (at);

      -- What was said of a model or a provider over the admin API, over what the file says; null: it is taken away.
      CREATE TABLE overlay (
        kind text NOT NULL CHECK (kind IN ('model', 'provider')),
        id text NOT NULL,
        said jsonb,
        revision bigint NOT NULL,
        PRIMARY KEY (kind, id)
      );

      -- Prices that were set, and from when. A row whose moment has come is never changed again.
      CREATE TABLE set_price (
        model text NOT NULL,
        provider text NOT NULL,
        upstream_model text NOT NULL,
        valid_from timestamptz,
        price jsonb,
        set_at timestamptz NOT NULL,
        set_by text NOT NULL,
        UNIQUE NULLS NOT DISTINCT (model, provider, upstream_model, valid_from)
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE set_price, overlay, idempotency, deed');
  }
}
