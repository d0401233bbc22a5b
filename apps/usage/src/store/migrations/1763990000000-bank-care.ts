import type { MigrationInterface, QueryRunner } from 'typeorm';

export class BankCare1763990000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- What was left in the till was taken back, but for requests that said they live.
      ALTER TABLE till ADD COLUMN closed_at timestamptz;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE till DROP COLUMN closed_at');
  }
}
