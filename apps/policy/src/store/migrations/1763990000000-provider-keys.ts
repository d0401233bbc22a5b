import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ProviderKeys1763990000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE provider_key (
        id text PRIMARY KEY,
        organization_id text NOT NULL,
        project_id text NOT NULL,
        provider text NOT NULL,
        name text NOT NULL,
        -- AES-256-GCM; opens for this organization, project, provider and origin only.
        sealed text NOT NULL,
        origin text NOT NULL,
        preview text NOT NULL,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        revision bigint NOT NULL,
        UNIQUE (project_id, provider)
      );
      CREATE INDEX provider_key_list ON provider_key (organization_id, id);

      -- Counted up in the transaction of every change: gateways see in the heartbeat that they have missed one.
      CREATE TABLE provider_key_head (single boolean PRIMARY KEY DEFAULT true CHECK (single), revision bigint NOT NULL);
      INSERT INTO provider_key_head (revision) VALUES (0);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE provider_key_head, provider_key');
  }
}
