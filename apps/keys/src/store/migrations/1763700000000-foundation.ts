import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Foundation1763700000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE organization (
        id text PRIMARY KEY,
        name text NOT NULL,
        created_at timestamptz NOT NULL
      );
      CREATE TABLE project (
        id text PRIMARY KEY,
        organization_id text NOT NULL REFERENCES organization,
        name text NOT NULL,
        profile text NOT NULL,
        plan text NOT NULL,
        created_at timestamptz NOT NULL,
        UNIQUE (organization_id, id)
      );
      CREATE TABLE member (
        id text PRIMARY KEY,
        organization_id text NOT NULL REFERENCES organization,
        email text NOT NULL,
        name text NOT NULL,
        role text NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
        password_hash text NOT NULL,
        created_at timestamptz NOT NULL
      );
      CREATE UNIQUE INDEX member_email ON member (lower(email));
      CREATE TABLE session (
        id text PRIMARY KEY,
        member_id text NOT NULL REFERENCES member,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz
      );
      CREATE TABLE api_key (
        id text PRIMARY KEY,
        organization_id text NOT NULL,
        project_id text NOT NULL,
        name text NOT NULL,
        scopes text[] NOT NULL,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        expires_at timestamptz,
        disabled_at timestamptz,
        deleted_at timestamptz,
        revision bigint NOT NULL,
        FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id)
      );
      CREATE INDEX api_key_list ON api_key (organization_id, id DESC) WHERE deleted_at IS NULL;
      CREATE TABLE key_secret (
        id text PRIMARY KEY,
        key_id text NOT NULL REFERENCES api_key,
        digest text NOT NULL UNIQUE,
        preview text NOT NULL,
        created_at timestamptz NOT NULL,
        valid_until timestamptz
      );
      CREATE INDEX key_secret_key ON key_secret (key_id);

      -- One row, incremented inside the transaction of every change: revisions have no gaps and follow the order of
      -- commits, which a sequence would not promise.
      CREATE TABLE head (single boolean PRIMARY KEY DEFAULT true CHECK (single), revision bigint NOT NULL);
      INSERT INTO head (revision) VALUES (0);
      CREATE TABLE change (
        revision bigint PRIMARY KEY,
        change text NOT NULL,
        organization_id text NOT NULL,
        project_id text NOT NULL,
        key_id text,
        at timestamptz NOT NULL,
        told_at timestamptz
      );
      CREATE INDEX change_untold ON change (revision) WHERE told_at IS NULL;
      CREATE INDEX change_at ON change (at);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE change, head, key_secret, api_key, session, member, project, organization');
  }
}
