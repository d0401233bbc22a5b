import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Foundation1763700000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- The ledger. A request has one final row, whoever tells of it and however often.
      CREATE TABLE usage_event (
        request_id text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('final', 'correction')),
        organization_id text NOT NULL,
        project_id text NOT NULL,
        key_id text NOT NULL,
        at timestamptz NOT NULL,
        endpoint text NOT NULL,
        model text NOT NULL,
        provider text NOT NULL,
        stream boolean NOT NULL,
        outcome text NOT NULL,
        status integer NOT NULL,
        input_tokens bigint NOT NULL,
        cached_input_tokens bigint NOT NULL,
        output_tokens bigint NOT NULL,
        cost_nanos numeric(30,0) NOT NULL,
        currency text NOT NULL,
        duration_ms integer NOT NULL,
        first_byte_ms integer,
        PRIMARY KEY (request_id, kind)
      );
      CREATE INDEX usage_event_key ON usage_event (key_id, at DESC);

      -- What a key comes to, so that no page ever adds up the ledger.
      CREATE TABLE key_total (
        key_id text PRIMARY KEY,
        organization_id text NOT NULL,
        requests bigint NOT NULL,
        input_tokens bigint NOT NULL,
        output_tokens bigint NOT NULL,
        cost_nanos numeric(30,0) NOT NULL,
        last_used_at timestamptz NOT NULL
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE key_total, usage_event');
  }
}
