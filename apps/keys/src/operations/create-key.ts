import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import type { KeysRpc } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { beyond } from '#domain/access/scope';
import { newId } from '#domain/id';
import { Minter } from '../minter.js';
import type { Actor } from '../mutation/actors.js';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { ProfileBook } from '../profile-book.js';
import { ApiKey, KeySecret, Project } from '../store/entities.js';
import { assertWithinPlan, expiryOf, limitColumns } from '../store/key-limits.js';
import { auditedKey, viewOf } from '../store/key-view.js';

type Request = Asked<typeof KeysRpc.createKey>;
type Answer = Answers<typeof KeysRpc.createKey>;

@Injectable()
export class CreateKey {
  constructor(
    private readonly mutations: Mutations,
    private readonly profiles: ProfileBook,
    private readonly minter: Minter,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const { answer } = await this.mutations.run<Answer>({
      name: 'createKey',
      organizationId: request.organization_id,
      needs: 'write',
      context,
      request,
      work: (doing) => this.create(doing, request),
      keep: ({ key: _, ...answer }) => answer,
    });
    return answer;
  }

  private async create(doing: Doing, request: Request): Promise<Answer> {
    const { db, who, now, audit, changed } = doing;
    assertGrants(who, request.scopes);
    const expiresAt = expiryOf(request, now) ?? null;
    const project = await projectOf(db, request);
    const plan = this.profiles.planOf(project);
    assertWithinPlan(request, plan);
    await assertRoom(db, project, plan.keysPerProject);
    await assertNameFree(db, project.id, request.name);

    const id = newId('key', now.getTime(), randomBytes(10));
    const key: ApiKey = {
      id,
      organizationId: project.organizationId,
      projectId: project.id,
      name: request.name,
      scopes: [...new Set(request.scopes)],
      tags: request.tags,
      ...limitColumns(request, now),
      spendEpoch: 0,
      createdAt: now,
      createdBy: who.name,
      madeBy: await makersOf(db, who, project),
      updatedAt: now,
      expiresAt,
      disabledAt: null,
      leakedAt: null,
      deletedAt: null,
      revision: '1',
    };
    const { text, secret } = this.minter.mint(project, id, now);
    await db.insert(ApiKey, key as never);
    await db.insert(KeySecret, secret);
    const whole = { key, secret, previous: null, currency: this.profiles.of(project).currency };
    audit({ action: 'key.create', subject: id, before: null, after: auditedKey(whole, now.getTime()) });
    changed({ change: 'created', project_id: project.id, key_id: id });
    return { ...viewOf(whole, now.getTime()), key: text };
  }
}

/** The one asked for, or the organization's first; locked, so that two creations do not both see the last free place. */
async function projectOf(db: EntityManager, request: Request): Promise<Project> {
  const { organization_id: organizationId, project_id: id } = request;
  const where = { organizationId, deletedAt: IsNull(), ...(id ? { id } : {}) };
  const project = await db.findOne(Project, { where, order: { id: 'ASC' }, lock: { mode: 'pessimistic_write' } });
  if (!project) throw new Refused('not_found', { message: 'There is no such project.', param: 'project_id' });
  return project;
}

async function assertRoom(db: EntityManager, project: Project, allowed: number | null): Promise<void> {
  if (allowed === null) return;
  const used = await db.countBy(ApiKey, { projectId: project.id, deletedAt: IsNull() });
  if (used < allowed) return;
  throw new Refused('plan_limit_reached', {
    message: `The plan ${project.plan} allows ${allowed} keys in a project, and there are ${used}. Delete keys or choose a larger plan.`,
    details: { plan: project.plan, allowed, used },
  });
}

export async function assertNameFree(db: EntityManager, projectId: string, name: string): Promise<void> {
  const taken = await db
    .createQueryBuilder(ApiKey, 'k')
    .where('k.projectId = :projectId AND lower(k.name) = lower(:name) AND k.deletedAt IS NULL', { projectId, name })
    .getExists();
  if (taken)
    throw new Refused('conflict', {
      message: `There is a key named ${JSON.stringify(name)} in this project already.`,
      param: 'name',
    });
}

/** Keys that make keys that make keys: further down than this nobody knows any more whose rules bind. */
const MOST_MAKERS = 8;

/** From who makes it back to a person or a service. What binds a maker binds what they make. */
async function makersOf(db: EntityManager, who: Actor, { id, organizationId }: Project): Promise<string[]> {
  if (who.kind !== 'key') return [who.name];
  const maker = await db.findOneByOrFail(ApiKey, { id: who.name.slice('key:'.length), organizationId });
  // Made in another project, it would else be free of the rules of the one its maker is in.
  const left = maker.projectId === id ? [] : [`project:${maker.projectId}`];
  const depth = maker.madeBy.filter((name) => !name.startsWith('project:')).length;
  if (depth < MOST_MAKERS) return [who.name, ...left, ...maker.madeBy];
  throw new Refused('permission_denied', {
    message: `Keys made by keys go ${MOST_MAKERS} deep. Make this one with another key, or as a person.`,
  });
}

/** Nobody makes a key that may do more than they may. */
export function assertGrants(who: Actor, scopes: Request['scopes']): void {
  const missing = beyond(who.scopes, scopes);
  if (missing.length === 0) return;
  throw new Refused(who.role ? 'forbidden' : 'permission_denied', {
    message: `You cannot grant what you do not hold: ${missing.join(', ')}.`,
    param: 'scopes',
    details: { missing },
  });
}
