import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import type { KeysRpc } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { readCursor, writeCursor } from '#runtime/store/cursor';
import { ProfileBook } from '../profile-book.js';
import { ApiKey, Project } from '../store/entities.js';
import { viewOf, wholeKey, withSecrets } from '../store/key-view.js';

type Request = Asked<typeof KeysRpc.listKeys>;
type Query = SelectQueryBuilder<ApiKey>;

const EXPIRY = "to_char(k.expires_at AT TIME ZONE 'UTC', 'YYYYYY-MM-DD HH24:MI:SS.MS')";

/**
 * What a page is sorted by, as text in byte order, so that a cursor means the same wherever it is compared. A key
 * without an expiry stands after those that have one, upwards and downwards.
 */
const PLACES: Record<Request['sort'], Record<Request['order'], string>> = {
  created_at: { asc: 'k.id', desc: 'k.id' },
  name: { asc: 'lower(k.name)', desc: 'lower(k.name)' },
  expires_at: { asc: `coalesce(${EXPIRY}, '~')`, desc: `coalesce(${EXPIRY}, '')` },
};

@Injectable()
export class ListKeys {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly profiles: ProfileBook,
  ) {}

  async run(request: Request): Promise<Answers<typeof KeysRpc.listKeys>> {
    const now = this.clock.date();
    await this.assertProject(request);
    const matching = () => narrow(this.db.createQueryBuilder(ApiKey, 'k'), request);
    const page = withStatus(withSecrets(matching(), now), request.status, now);
    const place = `${PLACES[request.sort][request.order]} COLLATE "C"`;
    const order = request.order === 'asc' ? 'ASC' : 'DESC';
    const after = readCursor(request.cursor);
    if (after) page.andWhere(`(${place}, k.id COLLATE "C") ${order === 'ASC' ? '>' : '<'} (:value, :id)`, after);
    // One more than asked for tells whether there is a next page.
    const { entities, raw } = await page
      .addSelect(place, 'place')
      .orderBy('place', order)
      .addOrderBy('k.id COLLATE "C"', order)
      .limit(request.limit + 1)
      .getRawAndEntities<{ place: string }>();
    const keys = entities.slice(0, request.limit);
    const cursors = keys.map(({ id }, index) => writeCursor({ value: raw[index]?.place ?? '', id }));
    return {
      keys: keys.map((row) => viewOf(wholeKey(row, this.profiles.currencyOf), now.getTime())),
      cursors,
      next_cursor: entities.length > request.limit ? (cursors.at(-1) ?? null) : null,
      counts: await count(matching(), now),
    };
  }

  /** A project that is not there has no keys either, but whoever mistyped it should be told. */
  private async assertProject({ organization_id: organizationId, project_id: id }: Request): Promise<void> {
    if (id === undefined || (await this.db.manager.existsBy(Project, { id, organizationId }))) return;
    throw new Refused('not_found', { message: 'There is no such project.' });
  }
}

const LIMITED = 'k.budgetNanos IS NOT NULL OR k.recurringNanos IS NOT NULL';

function narrow(query: Query, request: Request): Query {
  const { organization_id, project_id, tag, created_by, expires_before, created_before, limited, q, key_ids } = request;
  query.where('k.organizationId = :organization_id AND k.deletedAt IS NULL', { organization_id });
  if (project_id) query.andWhere('k.projectId = :project_id', { project_id });
  if (key_ids) query.andWhere('k.id = ANY(:key_ids)', { key_ids });
  if (created_by) query.andWhere('k.createdBy = :created_by', { created_by });
  if (expires_before) query.andWhere('k.expiresAt < :expires_before', { expires_before });
  if (created_before) query.andWhere('k.createdAt < :created_before', { created_before });
  if (limited !== undefined) query.andWhere(`(${LIMITED}) = :limited`, { limited });
  if (tag) {
    const [name = '', ...value] = tag.split(':');
    if (value.length) query.andWhere('k.tags ->> :tagName = :tagValue', { tagName: name, tagValue: value.join(':') });
    else query.andWhere('jsonb_exists(k.tags, :tagName)', { tagName: name });
  }
  if (q) {
    // strpos takes its text as it is: there is nothing in it that could be a wildcard.
    query.andWhere(
      `(strpos(lower(k.name), lower(:q)) > 0 OR EXISTS (
          SELECT 1 FROM key_secret f WHERE f.key_id = k.id AND f.valid_until IS NULL AND (starts_with(f.preview, :q) OR right(f.preview, 4) = :q)))`,
      { q },
    );
  }
  return query;
}

const INACTIVE = '(k.disabledAt IS NOT NULL OR k.expiresAt <= :now)';

function withStatus(query: Query, status: Request['status'], now: Date): Query {
  if (status === 'disabled') query.andWhere('k.disabledAt IS NOT NULL');
  if (status === 'expired') query.andWhere('k.disabledAt IS NULL AND k.expiresAt <= :now', { now });
  if (status === 'inactive') query.andWhere(INACTIVE, { now });
  if (status === 'active')
    query.andWhere('k.disabledAt IS NULL AND (k.expiresAt IS NULL OR k.expiresAt > :now)', { now });
  return query;
}

async function count(query: Query, now: Date): Promise<{ active: number; inactive: number }> {
  const raw = await query
    .select('count(*)', 'all')
    .addSelect('count(*) FILTER (WHERE k.disabled_at IS NOT NULL OR k.expires_at <= :now)', 'inactive')
    .setParameter('now', now)
    .getRawOne<{ all: string; inactive: string }>();
  const inactive = Number(raw?.inactive ?? 0);
  return { active: Number(raw?.all ?? 0) - inactive, inactive };
}
