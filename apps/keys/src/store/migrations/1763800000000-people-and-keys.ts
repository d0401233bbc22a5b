import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PeopleAndKeys1763800000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE organization
        ADD COLUMN leak_policy text NOT NULL DEFAULT 'disable' CHECK (leak_policy IN ('disable', 'flag')),
        ADD COLUMN revision bigint NOT NULL DEFAULT 1;

      ALTER TABLE project
        ADD COLUMN defaults jsonb NOT NULL DEFAULT '{"rate_limit":null,"token_limit":null,"max_parallel":null}',
        ADD COLUMN deleted_at timestamptz,
        ADD COLUMN revision bigint NOT NULL DEFAULT 1;
      CREATE UNIQUE INDEX project_name ON project (organization_id, lower(name)) WHERE deleted_at IS NULL;

      ALTER TABLE member
        ALTER COLUMN password_hash DROP NOT NULL,
        ADD COLUMN external_identity text UNIQUE,
        ADD COLUMN last_sign_in_at timestamptz,
        ADD COLUMN removed_at timestamptz,
        ADD COLUMN revision bigint NOT NULL DEFAULT 1;
      DROP INDEX member_email;
      CREATE UNIQUE INDEX member_email ON member (lower(email)) WHERE removed_at IS NULL;

      ALTER TABLE session ADD COLUMN origin text, ADD COLUMN last_seen_at timestamptz;
      CREATE INDEX session_member ON session (member_id) WHERE ended_at IS NULL;

      CREATE TABLE invitation (
        id text PRIMARY KEY,
        organization_id text NOT NULL REFERENCES organization,
        email text NOT NULL,
        role text NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
        token_digest text NOT NULL UNIQUE,
        invited_by text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        accepted_at timestamptz,
        revoked_at timestamptz
      );
      CREATE INDEX invitation_list ON invitation (organization_id, id DESC);

      -- Only failures: who signs in does not slow anybody down.
      CREATE TABLE sign_in_failure (email text NOT NULL, ip text, at timestamptz NOT NULL);
      CREATE INDEX sign_in_failure_email ON sign_in_failure (email, at);
      CREATE INDEX sign_in_failure_ip ON sign_in_failure (ip, at);

      ALTER TABLE api_key
        ADD COLUMN tags jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN rate_limit integer,
        ADD COLUMN token_limit integer,
        ADD COLUMN max_parallel integer,
        ADD COLUMN budget_nanos numeric(30,0),
        ADD COLUMN recurring_nanos numeric(30,0),
        ADD COLUMN recurring_every integer,
        ADD COLUMN recurring_unit text,
        ADD COLUMN recurring_since timestamptz,
        ADD COLUMN spend_epoch integer NOT NULL DEFAULT 0,
        ADD COLUMN updated_at timestamptz,
        ADD COLUMN leaked_at timestamptz,
        ADD CONSTRAINT recurring_whole CHECK (num_nulls(recurring_nanos, recurring_every, recurring_unit, recurring_since) IN (0, 4));
      UPDATE api_key SET updated_at = created_at, revision = 1;
      ALTER TABLE api_key ALTER COLUMN updated_at SET NOT NULL;
      CREATE INDEX api_key_project ON api_key (project_id) WHERE deleted_at IS NULL;
      -- One key has one current secret, however many rotate at once.
      CREATE UNIQUE INDEX key_secret_current ON key_secret (key_id) WHERE valid_until IS NULL;

      -- Each organization has its own chain; the head is locked while an entry is added.
      CREATE TABLE audit_head (organization_id text PRIMARY KEY REFERENCES organization, seq bigint NOT NULL, hash text NOT NULL);
      CREATE TABLE audit_event (
        organization_id text NOT NULL REFERENCES organization,
        seq bigint NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        action text NOT NULL,
        subject text NOT NULL,
        before jsonb,
        after jsonb,
        origin text,
        request_id text NOT NULL,
        hash text NOT NULL,
        PRIMARY KEY (organization_id, seq)
      );
      CREATE INDEX audit_event_subject ON audit_event (organization_id, subject, seq DESC);

      -- What was answered to a request with an Idempotency-Key; never a secret.
      CREATE TABLE idempotency (
        actor text NOT NULL,
        key text NOT NULL,
        request_digest text NOT NULL,
        answer jsonb,
        at timestamptz NOT NULL,
        PRIMARY KEY (actor, key)
      );
      CREATE INDEX idempotency_at ON idempotency (at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('people and keys are not taken back: restore the database from before');
  }
}
