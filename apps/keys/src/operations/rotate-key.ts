import { Injectable } from '@nestjs/common';
import { IsNull, MoreThan } from 'typeorm';
import type { KeysRpc } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Bonds } from '../bonds.js';
import { Minter } from '../minter.js';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { ProfileBook } from '../profile-book.js';
import { type ApiKey, KeySecret, Project } from '../store/entities.js';
import { auditedKey, findKey, viewOf, type WholeKey } from '../store/key-view.js';
import { lockKey, writeKey } from '../store/locked-key.js';
import { assertGrants } from './create-key.js';

type Request = Asked<typeof KeysRpc.rotateKey>;
type Answer = Answers<typeof KeysRpc.rotateKey>;

@Injectable()
export class RotateKey {
  constructor(
    private readonly mutations: Mutations,
    private readonly profiles: ProfileBook,
    private readonly minter: Minter,
    private readonly bonds: Bonds,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const { answer } = await this.mutations.run<Answer>({
      name: 'rotateKey',
      organizationId: request.organization_id,
      needs: 'write',
      context,
      request,
      work: (doing) => this.rotate(doing, request),
      keep: ({ key: _, ...answer }) => answer,
    });
    return answer;
  }

  private async rotate(doing: Doing, request: Request): Promise<Answer> {
    const { db, who, now, audit, changed } = doing;
    const key = await lockKey(db, request);
    // A new secret is the key itself: who may not hold what it may do, may not have it.
    assertGrants(who, key.scopes);
    await this.bonds.assertHold(db, who, key);
    const before = await this.read(doing, request);
    const project = await db.findOneByOrFail(Project, { id: key.projectId });
    const { text, secret } = this.minter.mint(project, key.id, now);

    // Two secrets at the most: one that was still in its grace from the rotation before ends here.
    await db.update(KeySecret, { keyId: key.id, validUntil: MoreThan(now) }, { validUntil: now });
    await db.update(
      KeySecret,
      { keyId: key.id, validUntil: IsNull() },
      { validUntil: endOfGrace(key, request.grace_seconds, now) },
    );
    await db.insert(KeySecret, secret);
    await writeKey(db, key.id, {}, now);
    const after = await this.read(doing, request);
    const [was, is] = [before, after].map((whole) => auditedKey(whole, now.getTime()));
    audit({ action: 'key.rotate', subject: key.id, before: was ?? null, after: is ?? null });
    changed({ change: 'rotated', project_id: key.projectId, key_id: key.id });
    return { ...viewOf(after, now.getTime()), key: text };
  }

  private async read({ db, now }: Doing, { organization_id, key_id }: Request): Promise<WholeKey> {
    const which = { organizationId: organization_id, keyId: key_id, now };
    const whole = await findKey(db, which, this.profiles.currencyOf);
    if (!whole) throw new Refused('not_found', { message: 'There is no such key.' });
    return whole;
  }
}

/** The grace never outlives the key itself. */
function endOfGrace(key: ApiKey, graceSeconds: number, now: Date): Date {
  const end = now.getTime() + graceSeconds * 1000;
  const latest = key.expiresAt === null ? end : Math.max(key.expiresAt.getTime(), now.getTime());
  return new Date(Math.min(end, latest));
}
