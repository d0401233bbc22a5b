import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, IsNull } from 'typeorm';
import type { AccessRpc } from '#contracts/access';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { type KeysKit, KIT } from '../kit.js';
import { type Actor, assertHolds, readActor } from '../mutation/actors.js';
import { ApiKey, Member, Organization } from '../store/entities.js';
import { findMember } from '../store/members.js';
import { findProject } from '../store/projects.js';

type Request = Asked<typeof AccessRpc.authorize>;

@Injectable()
export class Authorize {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: KeysKit,
  ) {}

  async run(request: Request, { actor }: CallContext): Promise<Answers<typeof AccessRpc.authorize>> {
    const db = this.db.manager;
    const who = await readActor(db, actor, request.organization_id, this.clock.date());
    assertHolds(who, request.needs);
    if (request.as_operator) await this.assertOperator(db, who, request.organization_id);
    await assertThere(db, request);
    return { actor: who.name, role: who.role };
  }

  /** Whoever administers the first organization runs the installation, unless its settings name somebody else. */
  private async assertOperator(db: EntityManager, who: Actor, organizationId: string): Promise<void> {
    if (who.kind === 'service') return;
    const { KEYWARD_OPERATORS: named } = this.kit.config;
    const isOperator = named ? await isNamed(db, who, named) : await isFirst(db, organizationId);
    if (isOperator) return;
    throw new Refused(who.kind === 'key' ? 'permission_denied' : 'forbidden', {
      message: 'This belongs to all organizations: only those who run this installation may change it.',
    });
  }
}

/** Another organization's are not there at all. */
async function assertThere(db: EntityManager, { organization_id, project_id, key_id, member_id }: Request) {
  const organization = await db.existsBy(Organization, { id: organization_id });
  if (!organization) throw new Refused('not_found', { message: 'There is no such organization.' });
  if (project_id !== undefined) await findProject(db, { organization_id, project_id });
  if (member_id !== undefined) await findMember(db, { organization_id, member_id });
  if (key_id === undefined) return;
  const key = await db.existsBy(ApiKey, { id: key_id, organizationId: organization_id, deletedAt: IsNull() });
  if (!key) throw new Refused('not_found', { message: 'There is no such key.' });
}

/** A key is nobody's e-mail: where operators are named, they are people. */
async function isNamed(db: EntityManager, { kind, name }: Actor, named: readonly string[]): Promise<boolean> {
  if (kind !== 'member') return false;
  const member = await db.findOneBy(Member, { id: name.slice('member:'.length), removedAt: IsNull() });
  return member !== null && named.includes(member.email.toLowerCase());
}

async function isFirst(db: EntityManager, organizationId: string): Promise<boolean> {
  const [first] = await db.find(Organization, { order: { createdAt: 'ASC', id: 'ASC' }, take: 1 });
  return first?.id === organizationId;
}
