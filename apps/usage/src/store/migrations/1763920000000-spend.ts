import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Spend1763920000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE usage_event
        ADD COLUMN spend_epoch integer NOT NULL DEFAULT 0,
        ADD COLUMN window_start timestamptz;

      -- What limits are compared with: what was spent since the last reset (window_start is -infinity) and in each window
      -- of a recurring limit. A reset or a new window begins a new row; nothing is ever set back to zero.
      CREATE TABLE key_spend (
        key_id text NOT NULL,
        spend_epoch integer NOT NULL,
        window_start timestamptz NOT NULL,
        organization_id text NOT NULL,
        cost_nanos numeric(30,0) NOT NULL,
        PRIMARY KEY (key_id, spend_epoch, window_start)
      );
      INSERT INTO key_spend SELECT key_id, 0, '-infinity', organization_id, cost_nanos FROM key_total;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE key_spend; ALTER TABLE usage_event DROP COLUMN spend_epoch, DROP COLUMN window_start');
  }
}
