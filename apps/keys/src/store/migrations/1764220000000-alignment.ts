import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Alignment1764220000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Null: windows begin at the moment the limit was set.
      ALTER TABLE api_key ADD COLUMN recurring_align text;
      ALTER TABLE project ADD COLUMN recurring_align text;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE api_key DROP COLUMN recurring_align; ALTER TABLE project DROP COLUMN recurring_align;');
  }
}
