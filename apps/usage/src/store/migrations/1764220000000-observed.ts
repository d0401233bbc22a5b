import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Observed1764220000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- What rules that only observe would have refused: a row for each rule in each hour, for a week.
      CREATE TABLE observed_hour (
        organization_id text COLLATE "C" NOT NULL,
        rule_id text COLLATE "C" NOT NULL,
        start timestamptz NOT NULL,
        requests bigint NOT NULL,
        PRIMARY KEY (organization_id, rule_id, start)
      ) WITH (fillfactor = 80);
      CREATE INDEX observed_hour_start ON observed_hour (start);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE observed_hour');
  }
}
