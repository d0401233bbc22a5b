import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Profiles1763911000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- What the profiles said when keys were last resolved by them; other words, and every cached key is too old.
      CREATE TABLE profile_set (single boolean PRIMARY KEY DEFAULT true CHECK (single), digest text NOT NULL);
      INSERT INTO profile_set (digest) VALUES ('');
      ALTER TABLE change ALTER COLUMN organization_id DROP NOT NULL, ALTER COLUMN project_id DROP NOT NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('profiles are not taken back: restore the database from before');
  }
}
