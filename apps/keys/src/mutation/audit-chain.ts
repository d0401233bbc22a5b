import type { EntityManager } from 'typeorm';
import { AuditEntry } from '../store/entities.js';
import type { AuditSeal, Sealed } from './audit-seal.js';

/** What an entry says; the chain adds its number and its hash. */
export interface Deed {
  readonly action: string;
  /** The id of what it was done to. */
  readonly subject: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

/** Before the first entry of an organization. */
export const GENESIS = 'keyward';

/** Adds entries in the transaction of what they tell of. The head of the chain stays locked until the commit. */
export async function appendDeeds(
  db: EntityManager,
  seal: AuditSeal,
  deeds: readonly Deed[],
  facts: Pick<Sealed, 'organizationId' | 'at' | 'actor' | 'origin' | 'requestId'>,
): Promise<void> {
  if (deeds.length === 0) return;
  await db.query(`INSERT INTO audit_head (organization_id, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING`, [
    facts.organizationId,
    GENESIS,
  ]);
  const [head]: [{ seq: string; hash: string }] = await db.query(
    'SELECT seq, hash FROM audit_head WHERE organization_id = $1 FOR UPDATE',
    [facts.organizationId],
  );
  let { hash: previous } = head;
  let seq = BigInt(head.seq);
  for (const deed of deeds) {
    const entry: Sealed = { ...facts, ...deed, seq: String(++seq) };
    previous = seal.of(entry, previous);
    await db.insert(AuditEntry, { ...entry, hash: previous } as never);
  }
  await db.query('UPDATE audit_head SET seq = $2, hash = $3 WHERE organization_id = $1', [
    facts.organizationId,
    String(seq),
    previous,
  ]);
}
