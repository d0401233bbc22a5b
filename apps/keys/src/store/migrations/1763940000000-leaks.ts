import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Leaks1763940000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- What a leak came to and where it was found: waits beside its change until the bus has been told of both.
      ALTER TABLE change ADD COLUMN leak jsonb;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE change DROP COLUMN leak');
  }
}
