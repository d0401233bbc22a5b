import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Webhooks1763960000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE webhook (
        id text PRIMARY KEY,
        organization_id text NOT NULL REFERENCES organization,
        project_id text REFERENCES project,
        url text NOT NULL,
        description text NOT NULL,
        events text[] NOT NULL,
        -- AES-256-GCM, bound to the row's id. The one before is signed with as well until it is over.
        secret bytea NOT NULL,
        previous_secret bytea,
        previous_until timestamptz,
        status text NOT NULL CHECK (status IN ('active', 'paused')),
        paused_because text CHECK (paused_because IN ('asked', 'gone', 'failing')),
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        updated_at timestamptz NOT NULL,
        deleted_at timestamptz,
        revision bigint NOT NULL DEFAULT 1
      );
      CREATE INDEX webhook_organization ON webhook (organization_id, id) WHERE deleted_at IS NULL;

      CREATE TABLE webhook_delivery (
        id text PRIMARY KEY,
        webhook_id text NOT NULL REFERENCES webhook,
        organization_id text NOT NULL,
        -- Which event it is of: heard twice, it is sent once.
        event text NOT NULL,
        type text NOT NULL,
        payload jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('waiting', 'delivered', 'failed')),
        tries integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        next_try_at timestamptz,
        last_tried_at timestamptz,
        response_status integer,
        response text,
        error text,
        UNIQUE (webhook_id, event)
      );
      CREATE INDEX webhook_delivery_due ON webhook_delivery (next_try_at) WHERE next_try_at IS NOT NULL;
      CREATE INDEX webhook_delivery_list ON webhook_delivery (webhook_id, id DESC);
      CREATE INDEX webhook_delivery_age ON webhook_delivery (created_at);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE webhook_delivery, webhook');
  }
}
