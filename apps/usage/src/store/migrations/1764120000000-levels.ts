import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Levels1764120000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- How much of the limit is gone, in percent, as far as it was told: 0, 80, 90 or 100.
      ALTER TABLE bucket ADD COLUMN told_level smallint NOT NULL DEFAULT 0;
      -- Waits until the bus has it.
      CREATE TABLE limit_event (
        revision bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        bucket_id text NOT NULL,
        organization_id text NOT NULL,
        percent smallint NOT NULL,
        limit_nanos numeric(30,0) NOT NULL,
        used_nanos numeric(30,0) NOT NULL,
        at timestamptz NOT NULL
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE limit_event; ALTER TABLE bucket DROP COLUMN told_level');
  }
}
