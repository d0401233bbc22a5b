import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AuditRpc } from '#contracts/audit';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { assertHolds, readActor } from '../mutation/actors.js';
import { GENESIS } from '../mutation/audit-chain.js';
import { AuditSeal } from '../mutation/audit-seal.js';
import { AuditEntry } from '../store/entities.js';

type Answer = Answers<typeof AuditRpc.verifyAudit>;

interface Break {
  readonly broken_at: number;
  readonly problem: string;
}

const ENTRIES_AT_ONCE = 500;

/** Walks the whole chain from its first entry, as of one moment, and says where it breaks first. */
@Injectable()
export class VerifyAudit {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly seal: AuditSeal,
  ) {}

  run({ organization_id }: Asked<typeof AuditRpc.verifyAudit>, { actor }: CallContext): Promise<Answer> {
    // One snapshot: what is added meanwhile belongs to the next walk.
    return this.db.transaction('REPEATABLE READ', async (db) => {
      assertHolds(await readActor(db, actor, organization_id, this.clock.date()), 'admin');
      return walk(db, this.seal, organization_id);
    });
  }
}

async function walk(db: EntityManager, seal: AuditSeal, organizationId: string): Promise<Answer> {
  let last = { seq: '0', hash: GENESIS };
  let entries = 0;
  for (;;) {
    const { entities: page, raw } = await db
      .createQueryBuilder(AuditEntry, 'e')
      // Entries are written to the millisecond, and that is all a Date holds: a finer time was put there by somebody else.
      .addSelect("e.at = date_trunc('milliseconds', e.at)", 'exact')
      .where('e.organizationId = :organizationId AND e.seq > :seq', { organizationId, seq: last.seq })
      .orderBy('e.seq', 'ASC')
      .limit(ENTRIES_AT_ONCE)
      .getRawAndEntities<{ exact: boolean }>();
    for (const [index, entry] of page.entries()) {
      const broken = breakAt(seal, entry, last, raw[index]?.exact === true);
      if (broken) return { intact: false, entries, ...broken, head: null };
      last = entry;
      entries++;
    }
    if (page.length < ENTRIES_AT_ONCE) break;
  }
  const broken = await endBreak(db, organizationId, last);
  if (broken) return { intact: false, entries, ...broken, head: null };
  return { intact: true, entries, broken_at: null, problem: null, head: entries === 0 ? null : last.hash };
}

/** Numbers have no gaps, and each hash is of the entry and of the hash before it. */
function breakAt(
  seal: AuditSeal,
  entry: AuditEntry,
  last: Pick<AuditEntry, 'seq' | 'hash'>,
  exact: boolean,
): Break | null {
  const seq = Number(last.seq) + 1;
  if (Number(entry.seq) !== seq) return { broken_at: seq, problem: 'an entry was taken out' };
  if (exact && seal.of(entry, last.hash) === entry.hash) return null;
  return { broken_at: seq, problem: 'an entry was changed, put in, or is not in its place' };
}

/** The head is kept apart: it tells when the newest entries were cut off, or some were put behind it. */
async function endBreak(
  db: EntityManager,
  organizationId: string,
  last: Pick<AuditEntry, 'seq' | 'hash'>,
): Promise<Break | null> {
  const [head = { seq: '0', hash: GENESIS }]: { seq: string; hash: string }[] = await db.query(
    'SELECT seq, hash FROM audit_head WHERE organization_id = $1',
    [organizationId],
  );
  const [end, known] = [Number(last.seq), Number(head.seq)];
  if (end < known) return { broken_at: end + 1, problem: 'the newest entries were cut off' };
  if (end > known) return { broken_at: known + 1, problem: 'entries were put behind the newest one' };
  return head.hash === last.hash
    ? null
    : { broken_at: end, problem: 'the newest entry is not the one that was written' };
}
