import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Windows1764130000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- Whether it was told that this window began. Of those that are there already nobody wants to hear.
      ALTER TABLE bucket ADD COLUMN told_window boolean NOT NULL DEFAULT true;
      ALTER TABLE bucket ALTER COLUMN told_window SET DEFAULT false;
      -- Null: a new window, and no level.
      ALTER TABLE limit_event ALTER COLUMN percent DROP NOT NULL;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DELETE FROM limit_event WHERE percent IS NULL;
      ALTER TABLE limit_event ALTER COLUMN percent SET NOT NULL;
      ALTER TABLE bucket DROP COLUMN told_window;
    `);
  }
}
