import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Credits1764110000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- What an organization has paid in advance; the limit of the bucket org_…/<currency> is always the sum.
      CREATE TABLE credit_entry (
        id text PRIMARY KEY,
        organization_id text NOT NULL,
        currency text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('top_up', 'adjustment')),
        nanos numeric(30,0) NOT NULL,
        note text,
        at timestamptz NOT NULL,
        actor text NOT NULL
      );
      CREATE INDEX credit_entry_list ON credit_entry (organization_id, id DESC);
      CREATE TABLE credit_account (
        organization_id text NOT NULL,
        currency text NOT NULL,
        -- When the keys service was told that the organization pays in advance.
        told_at timestamptz,
        PRIMARY KEY (organization_id, currency)
      );

      -- What was done here and the audit log has not been told of yet.
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
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE idempotency, deed, credit_account, credit_entry');
  }
}
