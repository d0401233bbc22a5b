import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Makers1763970000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE api_key ADD COLUMN made_by text[] NOT NULL DEFAULT '{}';
      WITH RECURSIVE maker AS (
        SELECT id, created_by AS by, ARRAY[created_by] AS made_by FROM api_key
        UNION ALL
        SELECT maker.id, k.created_by, maker.made_by || k.created_by
          FROM maker JOIN api_key k ON maker.by = 'key:' || k.id
         WHERE NOT k.created_by = ANY (maker.made_by)
      )
      UPDATE api_key k SET made_by = longest.made_by
        FROM (SELECT DISTINCT ON (id) id, made_by FROM maker ORDER BY id, cardinality(made_by) DESC) longest
       WHERE k.id = longest.id;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE api_key DROP COLUMN made_by');
  }
}
