import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LastUsed1763930000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Unknown for what was written before.
      ALTER TABLE usage_event ADD COLUMN secret_id text;

      -- When each secret was last used, for a model call or anything else: a rotation is over when the old one rests.
      CREATE TABLE secret_use (
        secret_id text PRIMARY KEY,
        key_id text NOT NULL,
        organization_id text NOT NULL,
        last_used_at timestamptz NOT NULL
      );
      CREATE INDEX secret_use_key ON secret_use (organization_id, key_id);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE secret_use; ALTER TABLE usage_event DROP COLUMN secret_id');
  }
}
