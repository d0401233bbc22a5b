import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { KeysRpc, Leak } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { difference } from '#domain/difference';
import { whatToDoAboutLeak } from '#domain/key/leak';
import { digestOf } from '#domain/key/secret';
import { scrub } from '#runtime/log';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { ProfileBook } from '../profile-book.js';
import { KeySecret, Organization } from '../store/entities.js';
import { auditedKey, findKey, type WholeKey } from '../store/key-view.js';
import { lockKey, writeKey } from '../store/locked-key.js';

type Request = Asked<typeof KeysRpc.reportLeak>;
type Answer = Answers<typeof KeysRpc.reportLeak>;

interface Owner {
  readonly organization_id: string;
  readonly key_id: string;
  readonly secret_id: string;
  readonly deleted: boolean;
}

@Injectable()
export class ReportLeak {
  constructor(
    private readonly db: DataSource,
    private readonly mutations: Mutations,
    private readonly profiles: ProfileBook,
  ) {}

  async run({ key: text, url, source }: Request, context: CallContext): Promise<Answer> {
    const owner = await this.ownerOf(digestOf(text));
    if (!owner || owner.deleted) return { known: owner !== undefined, outcome: null };
    const found = { url: cleaned(url, text), source: cleaned(source, text) };
    const { answer } = await this.mutations.run<Answer>({
      name: 'reportLeak',
      organizationId: owner.organization_id,
      needs: 'write',
      // A scanner repeats itself: the same find in the same place is one leak, also after the owner has dealt with it.
      context: { ...context, idempotencyKey: hash('sha256', `${owner.secret_id} ${found.url}`, 'base64url') },
      request: { secret_id: owner.secret_id, url: found.url },
      work: (doing) => this.act(doing, owner, found),
    });
    return answer;
  }

  private async act(doing: Doing, owner: Owner, found: Omit<Leak, 'outcome'>): Promise<Answer> {
    const { db, now, audit, changed } = doing;
    const { organization_id: organizationId, key_id: keyId, secret_id } = owner;
    const key = await lockKey(db, { organization_id: organizationId, key_id: keyId });
    const secret = await db.findOneByOrFail(KeySecret, { id: secret_id, keyId });
    const { leakPolicy } = await db.findOneByOrFail(Organization, { id: organizationId });
    const outcome = whatToDoAboutLeak(
      leakPolicy,
      {
        disabledAt: key.disabledAt?.getTime() ?? null,
        expiresAt: key.expiresAt?.getTime() ?? null,
        validUntil: secret.validUntil?.getTime() ?? null,
      },
      now.getTime(),
    );
    if (outcome === null) return { known: true, outcome };

    const before = await this.read(doing, owner);
    if (outcome === 'retired') await db.update(KeySecret, { id: secret_id, keyId }, { validUntil: now });
    await writeKey(db, keyId, { leakedAt: now, ...(outcome === 'disabled' ? { disabledAt: now } : {}) }, now);
    const after = await this.read(doing, owner);

    const [was, is] = [before, after].map((whole) => auditedKey(whole, now.getTime()));
    const { before: less, after: more } = difference(was ?? {}, is ?? {});
    audit({ action: 'key.leaked', subject: keyId, before: less, after: { ...more, secret_id, outcome, ...found } });
    changed({ change: 'leaked', project_id: key.projectId, key_id: keyId, leak: { outcome, ...found } });
    return { known: true, outcome };
  }

  /** Whose it is, across all tenants: who holds the secret has proven enough to be told that it is known. */
  private async ownerOf(digest: string): Promise<Owner | undefined> {
    const [owner]: Owner[] = await this.db.query(
      `SELECT k.organization_id, k.id AS key_id, s.id AS secret_id, k.deleted_at IS NOT NULL AS deleted
         FROM key_secret s JOIN api_key k ON k.id = s.key_id
        WHERE s.digest = $1`,
      [digest],
    );
    return owner;
  }

  private async read({ db, now }: Doing, { organization_id, key_id: keyId }: Owner): Promise<WholeKey> {
    const whole = await findKey(db, { organizationId: organization_id, keyId, now }, this.profiles.currencyOf);
    if (!whole) throw new Refused('not_found', { message: 'There is no such key.' });
    return whole;
  }
}

/** A place may hold what was found there: `https://example.com/?key=kw_…`. */
function cleaned(place: string | null, secret: string): string | null {
  return place === null ? null : scrub(place.replaceAll(secret, '…')).slice(0, 2000);
}
