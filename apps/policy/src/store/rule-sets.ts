import type { DataSource, EntityManager } from 'typeorm';
import type { WireRule, WireRuleSet } from '#contracts/rules';
import type { Level } from '#domain/policy/rule';

/** Whose rules: the id says which it is, and which level that is. */
export interface Bound {
  readonly organizationId: string;
  readonly level: Level;
  readonly subject: string;
}

interface Row {
  readonly level: Level;
  readonly subject: string;
  readonly rules: WireRule[];
  readonly revision: string;
  readonly updated_at: Date;
}

/** As a request names it: by one of these, or by none, and then it is the organization. */
export function boundOf(named: {
  organization_id: string;
  project_id?: string;
  member_id?: string;
  key_id?: string;
}): Bound {
  const { organization_id: organizationId, project_id, member_id, key_id } = named;
  if (key_id !== undefined) return { organizationId, level: 'key', subject: key_id };
  if (member_id !== undefined) return { organizationId, level: 'member', subject: member_id };
  if (project_id !== undefined) return { organizationId, level: 'project', subject: project_id };
  return { organizationId, level: 'organization', subject: organizationId };
}

const READ =
  'SELECT level, subject, rules, revision, updated_at FROM rule_set WHERE organization_id = $1 AND subject = $2';

export async function readRules(db: DataSource | EntityManager, bound: Bound): Promise<WireRuleSet> {
  const [row]: Row[] = await db.query(READ, [bound.organizationId, bound.subject]);
  return setOf(row, bound);
}

/** Nobody else changes them until the commit; also where there are none yet. */
export async function lockRules(db: EntityManager, bound: Bound): Promise<WireRuleSet> {
  await db.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`rules:${bound.subject}`]);
  return readRules(db, bound);
}

export async function writeRules(
  db: EntityManager,
  { organizationId, level, subject }: Bound,
  rules: readonly WireRule[],
  at: Date,
): Promise<number> {
  const [{ revision }] = await db.query(
    `INSERT INTO rule_set (organization_id, subject, level, rules, revision, updated_at) VALUES ($1, $2, $3, $4, 1, $5)
     ON CONFLICT (organization_id, subject)
     DO UPDATE SET rules = excluded.rules, revision = rule_set.revision + 1, updated_at = excluded.updated_at
     RETURNING revision`,
    [organizationId, subject, level, JSON.stringify(rules), at],
  );
  return Number(revision);
}

/** All that binds at these subjects, and the revision that is true of; one statement, so one snapshot. */
export async function rulesAt(
  db: DataSource,
  organizationId: string,
  subjects: readonly string[],
): Promise<{ asOf: number; sets: Pick<WireRuleSet, 'level' | 'subject' | 'rules'>[] }> {
  const rows: { as_of: string; level: Level | null; subject: string; rules: WireRule[] }[] = await db.query(
    `SELECT head.revision AS as_of, s.level, s.subject, s.rules
       FROM head LEFT JOIN rule_set s ON s.organization_id = $1 AND s.subject = ANY ($2)`,
    [organizationId, subjects],
  );
  const [first] = rows;
  if (!first) throw new Error('the table head is empty');
  const sets = rows.flatMap(({ level, subject, rules }) => {
    const inForce = (rules ?? []).filter(({ status }) => status !== 'inactive');
    return level && inForce.length ? [{ level, subject, rules: inForce }] : [];
  });
  return { asOf: Number(first.as_of), sets };
}

interface WholeSet extends Pick<WireRuleSet, 'level' | 'subject' | 'rules'> {
  readonly organization_id: string;
}

const SETS_AT_ONCE = 500;

/** Every set of one organization, or of all, those of one organization after each other; never all of them in memory. */
export async function* everyRuleSet(db: DataSource, organizationId: string | null): AsyncIterable<WholeSet> {
  let [organization, subject] = ['', ''];
  for (let more = true; more; ) {
    const sets: WholeSet[] = await db.query(
      `SELECT organization_id, level, subject, rules FROM rule_set
        WHERE ($1::text IS NULL OR organization_id = $1) AND (organization_id, subject) > ($2, $3)
        ORDER BY organization_id, subject LIMIT ${SETS_AT_ONCE}`,
      [organizationId, organization, subject],
    );
    yield* sets;
    more = sets.length === SETS_AT_ONCE;
    ({ organization_id: organization, subject } = sets.at(-1) ?? { organization_id: organization, subject });
  }
}

export async function countRules(
  db: DataSource,
  organizationId: string,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows: { subject: string; rules: string }[] = await db.query(
    `SELECT subject, (SELECT count(*) FROM jsonb_array_elements(rules) r WHERE r ->> 'status' <> 'inactive') AS rules
       FROM rule_set WHERE organization_id = $1 AND subject = ANY ($2)`,
    [organizationId, subjects],
  );
  return new Map(rows.map(({ subject, rules }) => [subject, Number(rules)] as const).filter(([, rules]) => rules > 0));
}

function setOf(row: Row | undefined, { level, subject }: Bound): WireRuleSet {
  if (!row) return { level, subject, rules: [], revision: 0, updated_at: null };
  return { level, subject, rules: row.rules, revision: Number(row.revision), updated_at: row.updated_at.toISOString() };
}
