import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Folding1764200000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Minutes before this are in the hours and days as well; later ones are read as minutes.
      CREATE TABLE usage_folded (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), until timestamptz NOT NULL);
      INSERT INTO usage_folded (until)
      SELECT coalesce(max(start) + interval '1 minute', date_trunc('minute', now(), 'UTC')) FROM usage_minute;
      CREATE INDEX usage_minute_start ON usage_minute (start);
      -- Counted up again and again: room for that within the page.
      ALTER TABLE key_total SET (fillfactor = 80);
      ALTER TABLE secret_use SET (fillfactor = 80);
    `);
  }

  async down(): Promise<void> {
    throw new Error('hours and days would lack what is in minutes only: restore the database from before');
  }
}
