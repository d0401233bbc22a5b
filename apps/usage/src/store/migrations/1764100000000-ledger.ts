import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Ids are compared byte by byte: no index of them has a use for anybody's alphabet. */
const ID = 'text COLLATE "C" NOT NULL';

const FIGURES = `
  requests bigint NOT NULL,
  denied bigint NOT NULL,
  errors bigint NOT NULL,
  input_tokens bigint NOT NULL,
  cached_input_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  reasoning_tokens bigint NOT NULL,
  cost_nanos numeric(30,0) NOT NULL`;

const rollup = (name: string) => `
  CREATE TABLE ${name} (
    organization_id ${ID},
    key_id ${ID},
    start timestamptz NOT NULL,
    project_id ${ID},
    model ${ID},
    provider ${ID},
    own_key boolean NOT NULL,
    currency ${ID},
    ${FIGURES},
    PRIMARY KEY (organization_id, key_id, start, project_id, model, provider, own_key, currency)
  ) PARTITION BY RANGE (start);`;

export class Ledger1764100000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- A partition of a table for the week, month or year that a moment is in. Attached, not created in place: nobody who
      -- writes has to wait for it.
      CREATE FUNCTION make_partition(parent text, period text, moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        begins timestamptz := date_trunc(period, moment, 'UTC');
        ends timestamptz := (begins AT TIME ZONE 'UTC' + ('1 ' || period)::interval) AT TIME ZONE 'UTC';
        name text := parent || to_char(begins AT TIME ZONE 'UTC', '_YYYYMMDD');
      BEGIN
        IF to_regclass(name) IS NOT NULL THEN RETURN; END IF;
        PERFORM pg_advisory_xact_lock(hashtext('keyward:usage:partitions'));
        -- Whoever waited here looks again, past what it remembers of the names.
        IF EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = current_schema()::regnamespace) THEN RETURN; END IF;
        -- Room in every page of the totals, so that counting up stays within the page.
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL) WITH (fillfactor = %s)', name, parent,
          CASE WHEN parent = 'usage_event' THEN 100 ELSE 70 END);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name, begins, ends);
      END $$;

      ALTER TABLE usage_event RENAME TO usage_event_before;
      ALTER INDEX usage_event_pkey RENAME TO usage_event_before_pkey;
      ALTER INDEX usage_event_key RENAME TO usage_event_before_key;

      -- The ledger and the request log. A forwarded request has one row that is final, whoever tells of it and however often:
      -- \`at\` is the moment its id was made, so that the key is unique over all partitions. A denied one has kind 'denied'.
      CREATE TABLE usage_event (
        request_id ${ID},
        kind ${ID} CHECK (kind IN ('final', 'correction', 'denied')),
        at timestamptz NOT NULL,
        organization_id ${ID},
        project_id ${ID},
        key_id ${ID},
        -- Unknown for what was written in the first days.
        secret_id text COLLATE "C",
        endpoint text NOT NULL,
        model text NOT NULL,
        served_model text,
        provider text,
        own_key boolean NOT NULL,
        prepaid boolean NOT NULL,
        stream boolean NOT NULL,
        outcome text NOT NULL,
        status integer NOT NULL,
        code text,
        trace jsonb,
        input_tokens bigint NOT NULL,
        cached_input_tokens bigint NOT NULL,
        cache_write_tokens bigint NOT NULL,
        output_tokens bigint NOT NULL,
        reasoning_tokens bigint NOT NULL,
        estimated boolean NOT NULL,
        unpriced boolean NOT NULL,
        cost_nanos numeric(30,0) NOT NULL,
        currency text NOT NULL,
        spend_epoch integer NOT NULL,
        window_start timestamptz,
        project_spend_epoch integer NOT NULL,
        project_window_start timestamptz,
        till text,
        till_epoch bigint,
        duration_ms integer NOT NULL,
        first_byte_ms integer,
        PRIMARY KEY (request_id, kind, at)
      ) PARTITION BY RANGE (at);
      CREATE INDEX usage_event_of_organization ON usage_event (organization_id, at);
      CREATE INDEX usage_event_of_key ON usage_event (key_id, at);
      -- What people look for when something is wrong is rare among what went well.
      CREATE INDEX usage_event_not_ok ON usage_event (organization_id, at) WHERE outcome <> 'ok';

      -- What the whole of an organization comes to has rows of its own, with an empty key_id, so that nobody adds up a
      -- million keys.
      ${rollup('usage_minute')}
      ${rollup('usage_hour')}
      ${rollup('usage_day')}

      -- Batches that are in the ledger: gateways ask before they forget what they have told.
      CREATE TABLE usage_batch (id ${ID} PRIMARY KEY, written_at timestamptz NOT NULL DEFAULT now());
      CREATE INDEX usage_batch_written ON usage_batch (written_at);

      -- What could not be written: kept as it came, for somebody to look at.
      CREATE TABLE usage_aside (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        reason text NOT NULL,
        event text NOT NULL
      );

      -- What was in partitions of the ledger that are gone: the ledger and this add up to everything ever charged.
      CREATE TABLE carried_forward (
        organization_id ${ID},
        project_id ${ID},
        key_id ${ID},
        currency ${ID},
        own_key boolean NOT NULL,
        prepaid boolean NOT NULL,
        spend_epoch integer NOT NULL,
        window_start timestamptz,
        project_spend_epoch integer NOT NULL,
        project_window_start timestamptz,
        requests bigint NOT NULL,
        cost_nanos numeric(30,0) NOT NULL,
        ended_at timestamptz NOT NULL
      );
      CREATE INDEX carried_forward_of_key ON carried_forward (organization_id, key_id);

      SELECT make_partition('usage_event', 'week', week) FROM (SELECT DISTINCT date_trunc('week', at) AS week FROM usage_event_before) weeks;
      INSERT INTO usage_event
        SELECT request_id, kind, at, organization_id, project_id, key_id, secret_id, endpoint, model, NULL, provider, own_key, prepaid, stream,
               outcome, status, NULL, NULL, input_tokens, cached_input_tokens, 0, output_tokens, 0, false, false, cost_nanos, currency,
               spend_epoch, window_start, project_spend_epoch, project_window_start, NULL, NULL, duration_ms, first_byte_ms
          FROM usage_event_before;
      DROP TABLE usage_event_before;
    `);
    for (const [table, period, bucket] of [
      ['usage_minute', 'week', 'minute'],
      ['usage_hour', 'month', 'hour'],
      ['usage_day', 'year', 'day'],
    ])
      await db.query(`
        SELECT make_partition('${table}', '${period}', part)
          FROM (SELECT DISTINCT date_trunc('${period}', at, 'UTC') AS part FROM usage_event) parts;
        INSERT INTO ${table}
          SELECT organization_id, whose, date_trunc('${bucket}', at, 'UTC'), project_id, model, provider, own_key, currency,
                 count(*), 0, count(*) FILTER (WHERE outcome IN ('provider_error', 'failed', 'abandoned')), sum(input_tokens),
                 sum(cached_input_tokens), 0, sum(output_tokens), 0, sum(cost_nanos)
            FROM usage_event CROSS JOIN LATERAL (VALUES (key_id), ('')) AS w(whose)
           GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP TABLE usage_event, usage_minute, usage_hour, usage_day, usage_batch, usage_aside, carried_forward;
      DROP FUNCTION make_partition;
    `);
  }
}
