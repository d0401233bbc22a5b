import { hash } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { Client } from 'pg';
import { KeysRpc } from '#contracts/keys';
import { PeopleRpc } from '#contracts/people';
import { ProjectsRpc } from '#contracts/projects';
import { ProviderKeysRpc } from '#contracts/provider-keys';
import { ReportsRpc } from '#contracts/reports';
import { RulesRpc } from '#contracts/rules';
import { SessionsRpc } from '#contracts/sessions';
import { WebhooksRpc } from '#contracts/webhooks';
import type { BusClient } from '#rpc/client';
import { publishUsage } from '#rpc/usage-stream';
import type { Kind } from './id-positions.js';
import { eventually } from './stack.js';
import { usageEvent } from './usage-events.js';

/** A tenant with one of everything, and what must never be seen or changed from outside. */
export interface Tenant {
  readonly idOf: ReadonlyMap<Kind, string>;
  /** Its ids, names and addresses: none may be in any reply to another tenant. */
  readonly facts: readonly string[];
  readonly owner: { readonly email: string; readonly password: string };
  /** An active API key of it, with every scope. */
  readonly secret: string;
}

/** Made over the bus, as a platform would make its customers. */
export async function newTenant(bus: NatsConnection, client: BusClient, name: string): Promise<Tenant> {
  const owner = { email: `owner@${name.toLowerCase()}.test`, password: `the password of ${name}` };
  const made = await client.call(PeopleRpc.createOrganization, {
    name,
    owner: { ...owner, name: `${name} owner` },
    project: { name: `${name} first` },
  });
  const { id: organization_id } = made.organization;
  const as = { actor: `member:${made.owner.id}` };
  const tenant = { organization_id };
  const project = await client.call(ProjectsRpc.createProject, { ...tenant, name: `${name} second` }, as);
  const key = await client.call(
    KeysRpc.createKey,
    {
      ...tenant,
      project_id: project.id,
      name: `${name} key`,
      tags: { secret_plan: `${name} tag` },
      scopes: ['admin'],
      budget: '5.00',
      recurring_limit: { amount: '1.00', every: 1, unit: 'day' },
    },
    as,
  );
  const rotated = await client.call(KeysRpc.rotateKey, { ...tenant, key_id: key.id, grace_seconds: 3600 }, as);
  const invited = await client.call(
    PeopleRpc.inviteMember,
    { ...tenant, email: `guest@${name.toLowerCase()}.test`, role: 'viewer' },
    as,
  );
  const webhook = await client.call(
    WebhooksRpc.createWebhook,
    { ...tenant, url: `https://${name.toLowerCase()}.test/hook`, events: ['key.*'] },
    as,
  );
  // Paused, so that nothing of it changes by itself.
  await client.call(WebhooksRpc.updateWebhook, { ...tenant, webhook_id: webhook.id, status: 'paused' }, as);
  const delivery = await client.call(WebhooksRpc.testWebhook, { ...tenant, webhook_id: webhook.id }, as);
  const { rule } = await client.call(
    RulesRpc.addRule,
    { ...tenant, key_id: key.id, rule: { type: 'allow_models', models: [`${name}-model`] } },
    as,
  );
  const providerKey = await client.call(
    ProviderKeysRpc.createProviderKey,
    { ...tenant, project_id: project.id, provider: 'echo', name: `${name} own`, secret: `sk-the-secret-of-${name}` },
    as,
  );
  const request = usageEvent({
    ...{ ...tenant, project_id: project.id, key_id: key.id, secret_id: rotated.secret_id, model: `${name} model` },
  });
  await publishUsage(bus, request.request_id, { events: [request] });
  const asked = { ...tenant, request_id: request.request_id };
  const isThere = () => client.call(ReportsRpc.getRequest, asked).then(Boolean, () => false);
  await eventually(isThere, Boolean);
  const session = await client.call(SessionsRpc.signIn, owner);
  const idOf = new Map<Kind, string>([
    ['org', organization_id],
    ['prj', project.id],
    ['mem', made.owner.id],
    ['key', key.id],
    ['sec', rotated.secret_id],
    ['inv', invited.id],
    ['ses', session.session_id],
    ['whk', webhook.id],
    ['dlv', delivery.id],
    ['rul', rule.id],
    ['pky', providerKey.id],
    ['req', request.request_id],
  ]);
  const facts = [
    ...idOf.values(),
    made.project.id,
    key.secret_id,
    key.preview,
    rotated.preview,
    name,
    name.toLowerCase(),
  ];
  return { idOf, facts, owner, secret: rotated.key ?? '' };
}

/** A digest of each row that says anything of a tenant, in every table there is. */
export async function rowsOf(postgres: string, { idOf }: Tenant): Promise<Map<string, string>> {
  const database = new Client({ connectionString: postgres });
  await database.connect();
  try {
    const { rows: tables } = await database.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const digests = new Map<string, string>();
    for (const { name } of tables) {
      const { rows } = await database.query<{ row: string }>(
        `SELECT t::text AS row FROM ${name} t WHERE t::text LIKE ANY($1) ORDER BY 1`,
        [[...idOf.values()].map((id) => `%${id}%`)],
      );
      if (rows.length) digests.set(name, hash('sha256', rows.map(({ row }) => row).join('\n')));
    }
    return digests;
  } finally {
    await database.end();
  }
}
