import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SharedLimits1763980000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- The revision of the newest change gateways were told of: of two limits the one with the higher is newer.
      ALTER TABLE api_key ADD COLUMN change_revision bigint NOT NULL DEFAULT 0;

      -- A project's own limits, which all its keys share: the same columns as a key's.
      ALTER TABLE project
        ADD COLUMN change_revision bigint NOT NULL DEFAULT 0,
        ADD COLUMN budget_nanos numeric(30,0),
        ADD COLUMN recurring_nanos numeric(30,0),
        ADD COLUMN recurring_every integer,
        ADD COLUMN recurring_unit text,
        ADD COLUMN recurring_since timestamptz,
        ADD COLUMN spend_epoch integer NOT NULL DEFAULT 0,
        ADD CONSTRAINT recurring_whole CHECK (num_nulls(recurring_nanos, recurring_every, recurring_unit, recurring_since) IN (0, 4));

      -- The currencies in which an organization pays in advance.
      ALTER TABLE organization ADD COLUMN prepaid text[] NOT NULL DEFAULT '{}';
    `);
  }

  async down(): Promise<void> {
    throw new Error('shared limits are not taken back: restore the database from before');
  }
}
