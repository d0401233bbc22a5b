import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { Counter } from 'prom-client';
import { DataSource } from 'typeorm';
import type { KeysRpc, UsableKey } from '#contracts/keys';
import type { Answers, Asked } from '#contracts/rpc';
import { atMost } from '#domain/plan/defaults';
import { type KeysKit, KIT } from '../kit.js';
import { ProfileBook } from '../profile-book.js';
import type { ApiKey, Project } from '../store/entities.js';
import { money, recurringOf } from '../store/key-view.js';
import { ResolvedKeys } from '../store/resolved-keys.js';

/** Plain columns, because this one is asked for every key every gateway meets. */
interface Row {
  as_of: string;
  key_id: string | null;
  secret_id: string;
  valid_until: Date | null;
  organization_id: string;
  project_id: string;
  name: string;
  tags: UsableKey['tags'];
  disabled: boolean;
  expires_at: Date | null;
  scopes: UsableKey['scopes'];
  made_by: string[];
  rate_limit: number | null;
  token_limit: number | null;
  max_parallel: number | null;
  budget_nanos: string | null;
  recurring_nanos: string | null;
  recurring_every: number | null;
  recurring_unit: ApiKey['recurringUnit'];
  recurring_align: ApiKey['recurringAlign'];
  recurring_since: Date | null;
  spend_epoch: number;
  project_budget_nanos: string | null;
  project_recurring_nanos: string | null;
  project_recurring_every: number | null;
  project_recurring_unit: Project['recurringUnit'];
  project_recurring_align: Project['recurringAlign'];
  project_recurring_since: Date | null;
  project_spend_epoch: number;
  prepaid: string[];
  change_revision: string;
  profile: string;
  plan: string;
  defaults: Project['defaults'];
}

/** With a name, so that Postgres plans it once for each connection and not for every key it is asked for. */
const RESOLVE = {
  name: 'resolve key',
  text: `
    SELECT head.revision AS as_of, k.id AS key_id, s.id AS secret_id, s.valid_until, k.organization_id, k.project_id, k.name, k.tags,
           k.disabled_at IS NOT NULL AS disabled, k.expires_at, k.scopes, k.made_by, k.rate_limit, k.token_limit, k.max_parallel,
           k.budget_nanos, k.recurring_nanos, k.recurring_every, k.recurring_unit, k.recurring_align, k.recurring_since, k.spend_epoch,
           p.profile, p.plan, p.defaults, p.budget_nanos AS project_budget_nanos,
           p.recurring_nanos AS project_recurring_nanos, p.recurring_every AS project_recurring_every,
           p.recurring_unit AS project_recurring_unit, p.recurring_align AS project_recurring_align, p.recurring_since AS project_recurring_since,
           p.spend_epoch AS project_spend_epoch, o.prepaid, greatest(k.change_revision, p.change_revision) AS change_revision
      FROM head
      LEFT JOIN key_secret s ON s.digest = $1
      LEFT JOIN api_key k ON k.id = s.key_id AND k.deleted_at IS NULL
      LEFT JOIN project p ON p.id = k.project_id
      LEFT JOIN organization o ON o.id = k.organization_id`,
};

@Injectable()
export class ResolveKey {
  private readonly answers: Counter<'from'>;
  /** The pool beneath TypeORM, which does not know named statements. */
  private readonly pool: Pool;

  constructor(
    db: DataSource,
    private readonly resolved: ResolvedKeys,
    private readonly profiles: ProfileBook,
    @Inject(KIT) { metrics }: Pick<KeysKit, 'metrics'>,
  ) {
    this.pool = (db.driver as unknown as { readonly master: Pool }).master;
    this.answers = new Counter({
      name: 'keyward_key_lookups_total',
      help: 'Keys looked up for gateways and for verify, by where the answer came from',
      labelNames: ['from'],
      registers: [metrics],
    });
  }

  async run({ digest, at_least }: Asked<typeof KeysRpc.resolveKey>): Promise<Answers<typeof KeysRpc.resolveKey>> {
    const cached = await this.resolved.read(digest);
    if (cached && cached.as_of >= at_least) {
      this.answers.inc({ from: 'redis' });
      return cached;
    }
    this.answers.inc({ from: 'postgres' });
    const answer = await this.ask(digest);
    if (answer.key) this.resolved.write(digest, answer);
    return answer;
  }

  /** One statement, so one snapshot: the key is exactly as it was at revision `as_of`. Only the digest reaches SQL. */
  private async ask(digest: string): Promise<Answers<typeof KeysRpc.resolveKey>> {
    const { rows } = await this.pool.query<Row>({ ...RESOLVE, values: [digest] });
    const [row] = rows;
    if (!row) throw new Error('the table head is empty');
    return { as_of: Number(row.as_of), key: row.key_id === null ? null : this.usable({ ...row, key_id: row.key_id }) };
  }

  private usable(row: Row & { key_id: string }): UsableKey {
    const project = { id: row.project_id, profile: row.profile, plan: row.plan };
    const plan = this.profiles.planOf(project);
    const { currency } = this.profiles.of(project);
    return {
      key_id: row.key_id,
      secret_id: row.secret_id,
      organization_id: row.organization_id,
      project_id: row.project_id,
      name: row.name,
      tags: row.tags,
      disabled: row.disabled,
      expires_at: row.expires_at?.getTime() ?? null,
      valid_until: row.valid_until?.getTime() ?? null,
      scopes: row.scopes,
      made_by: row.made_by,
      profile: row.profile,
      plan: row.plan,
      // A smaller plan binds at once, whatever was set under a larger one.
      rate_limit: atMost(row.rate_limit ?? row.defaults.rate_limit ?? plan.rateLimit, plan.maxRateLimit),
      token_limit: atMost(row.token_limit ?? row.defaults.token_limit ?? plan.tokenLimit, plan.maxTokenLimit),
      max_parallel: row.max_parallel ?? row.defaults.max_parallel,
      budget: money(row.budget_nanos),
      recurring_limit: recurringOf({
        recurringNanos: row.recurring_nanos,
        recurringEvery: row.recurring_every,
        recurringUnit: row.recurring_unit,
        recurringAlign: row.recurring_align,
      }),
      recurring_since: row.recurring_since?.getTime() ?? null,
      spend_epoch: row.spend_epoch,
      project_budget: money(row.project_budget_nanos),
      project_recurring_limit: recurringOf({
        recurringNanos: row.project_recurring_nanos,
        recurringEvery: row.project_recurring_every,
        recurringUnit: row.project_recurring_unit,
        recurringAlign: row.project_recurring_align,
      }),
      project_recurring_since: row.project_recurring_since?.getTime() ?? null,
      project_spend_epoch: row.project_spend_epoch,
      prepaid: row.prepaid.includes(currency),
      currency,
      revision: Number(row.change_revision),
    };
  }
}
