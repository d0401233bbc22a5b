import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { deriveKey } from '#runtime/keying';
import { type KeysKit, KIT } from '../kit.js';
import type { AuditEntry } from '../store/entities.js';

export type Sealed = Omit<AuditEntry, 'hash'>;

/**
 * The hash of an entry covers all it says and the hash before it: nothing can be changed or taken out unseen. It is keyed,
 * so that not even somebody who may write every table can make a chain that fits.
 */
@Injectable()
export class AuditSeal {
  private readonly key: Uint8Array;

  constructor(@Inject(KIT) { config }: KeysKit) {
    this.key = deriveKey(config.KEYWARD_SECRET, 'audit log');
  }

  of(entry: Sealed, previous: string): string {
    const { organizationId, seq, at, actor, action, subject, before, after, origin, requestId } = entry;
    const when = at.toISOString();
    const said = [previous, organizationId, seq, when, actor, action, subject, before, after, origin, requestId];
    return createHmac('sha256', this.key).update(JSON.stringify(said, sorted)).digest('base64url');
  }
}

/** Postgres keeps the fields of a jsonb in an order of its own. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
