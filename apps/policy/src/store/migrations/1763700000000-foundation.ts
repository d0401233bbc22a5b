import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Foundation1763700000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // Every catalogue there ever was: what a model cost last March can still be read.
    await db.query(`
      CREATE TABLE catalogue (
        revision bigint PRIMARY KEY,
        content jsonb NOT NULL,
        digest text NOT NULL,
        published_at timestamptz NOT NULL
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE catalogue');
  }
}
