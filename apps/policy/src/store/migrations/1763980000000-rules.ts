import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Rules1763980000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- The rules of one organization, project, member or key, read and written as a whole.
      CREATE TABLE rule_set (
        organization_id text NOT NULL,
        subject text NOT NULL,
        level text NOT NULL CHECK (level IN ('organization', 'project', 'member', 'key')),
        rules jsonb NOT NULL,
        revision bigint NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (organization_id, subject)
      );

      -- Whose rules changed, in revisions without gaps: see libs/runtime/src/store/change-log.ts.
      CREATE TABLE head (single boolean PRIMARY KEY DEFAULT true CHECK (single), revision bigint NOT NULL);
      INSERT INTO head (revision) VALUES (0);
      CREATE TABLE change (
        revision bigint PRIMARY KEY,
        organization_id text NOT NULL,
        level text NOT NULL,
        subject text NOT NULL,
        at timestamptz NOT NULL,
        told_at timestamptz
      );
      CREATE INDEX change_untold ON change (revision) WHERE told_at IS NULL;
      CREATE INDEX change_at ON change (at);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE change, head, rule_set');
  }
}
