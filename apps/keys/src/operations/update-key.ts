import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { accept } from '#contracts/accept';
import { tags as tagsSchema } from '#contracts/key';
import type { Key, KeysRpc } from '#contracts/keys';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { KeyChanges } from '../mutation/key-changes.js';
import type { Doing, Done } from '../mutation/mutations.js';
import { ProfileBook } from '../profile-book.js';
import { type ApiKey, Project } from '../store/entities.js';
import { assertFuture, assertWithinPlan, limitColumns } from '../store/key-limits.js';
import { recurringOf } from '../store/key-view.js';
import { writeKey } from '../store/locked-key.js';
import { assertGrants, assertNameFree } from './create-key.js';

type Request = Asked<typeof KeysRpc.updateKey>;

@Injectable()
export class UpdateKey {
  constructor(
    private readonly changes: KeyChanges,
    private readonly profiles: ProfileBook,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answers<typeof KeysRpc.updateKey>> {
    return (await this.change(request, context)).answer;
  }

  change(request: Request, context: CallContext): Promise<Done<Key>> {
    const work = (doing: Doing, key: ApiKey) => this.update(doing, key, request);
    return this.changes.change({ name: 'updateKey', action: 'key.update', request, context, change: 'updated', work });
  }

  private async update({ db, who, now }: Doing, key: ApiKey, request: Request): Promise<'done' | 'unchanged'> {
    // Whoever changes a key could use it to do what it may do: they must be allowed that themselves.
    assertGrants(who, [...key.scopes, ...(request.scopes ?? [])]);
    // Locked like at a creation where it is about the name, so that two keys never take the same one at once.
    const lock = request.name === undefined ? undefined : ({ mode: 'pessimistic_write' } as const);
    const project = await db.findOneOrFail(Project, { where: { id: key.projectId }, lock });
    assertWithinPlan(request, this.profiles.planOf(project));
    if (request.expires_at !== key.expiresAt?.toISOString()) assertFuture(request.expires_at, now);
    if (request.name !== undefined && request.name.toLowerCase() !== key.name.toLowerCase()) {
      await assertNameFree(db, key.projectId, request.name);
    }
    const columns = different(changesOf(request, key, now), key);
    if (Object.keys(columns).length === 0) return 'unchanged';
    await writeKey(db, key.id, columns, now);
    return 'done';
  }
}

/** What is named is set; what is not named stays as it is. */
function changesOf(request: Request, key: ApiKey, now: Date): Partial<ApiKey> {
  const { rate_limit = null, token_limit = null, max_parallel = null, budget = null, recurring_limit = null } = request;
  const limits = limitColumns({ rate_limit, token_limit, max_parallel, budget, recurring_limit }, now);
  const { rateLimit, tokenLimit, maxParallel, budgetNanos, ...recurring } = limits;
  return {
    ...(request.name === undefined ? {} : { name: request.name }),
    ...(request.scopes === undefined ? {} : { scopes: [...new Set(request.scopes)] }),
    ...(request.tags === undefined ? {} : { tags: mergeTags(key.tags, request.tags) }),
    ...(request.rate_limit === undefined ? {} : { rateLimit }),
    ...(request.token_limit === undefined ? {} : { tokenLimit }),
    ...(request.max_parallel === undefined ? {} : { maxParallel }),
    ...(request.budget === undefined ? {} : { budgetNanos }),
    // Named, it begins a new window, even where amount and length are what they were (seed B9); a null that was null does not.
    ...(request.recurring_limit === undefined || (recurring_limit === null && recurringOf(key) === null)
      ? {}
      : recurring),
    ...(request.expires_at === undefined
      ? {}
      : { expiresAt: request.expires_at === null ? null : new Date(request.expires_at) }),
  };
}

/** Less what it is already: a change that changes nothing is not written down. */
function different(columns: Partial<ApiKey>, key: ApiKey): Partial<ApiKey> {
  const changed = Object.entries(columns).filter(
    ([column, value]) => JSON.stringify(value) !== JSON.stringify(key[column as keyof ApiKey]),
  );
  return Object.fromEntries(changed);
}

/** What they come to has to fit like the tags of a new key. */
const TAGS = z.object({ tags: tagsSchema });

function mergeTags(held: ApiKey['tags'], named: NonNullable<Request['tags']>): ApiKey['tags'] {
  const merged = Object.entries({ ...held, ...named }).filter((entry): entry is [string, string] => entry[1] !== null);
  return accept(TAGS, { tags: Object.fromEntries(merged) }).tags;
}
