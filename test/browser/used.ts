import type { UsageEvent } from '#contracts/usage';
import { connectBus } from '#rpc/connect';
import { publishUsage } from '#rpc/usage-stream';
import { eventually, type Stack } from '../stack.js';
import { anId, usageEvent } from '../usage-events.js';

/** What a key has used, told as gateways tell it; resolves when it is in the ledger. */
export async function used(
  { servers, admin }: Stack,
  key: { readonly id: string },
  events: readonly Partial<UsageEvent>[],
): Promise<UsageEvent[]> {
  const { member } = (await (await admin.call('GET', '/api/session')).json()) as {
    member: { organization_id: string };
  };
  const { project_id } = (await (await admin.call('GET', `/api/api-keys/${key.id}`)).json()) as { project_id: string };
  const whose = { organization_id: member.organization_id, project_id, key_id: key.id, secret_id: anId('secret') };
  const told = events.map((event) => usageEvent({ ...whose, ...event }));
  const bus = await connectBus({ url: servers.nats, name: 'test' });
  await publishUsage(bus, anId('request'), { events: told });
  await bus.close();
  const last = told.at(-1)?.request_id;
  const isThere = async () => (await admin.call('GET', `/api/requests/${last}`)).status;
  await eventually(isThere, (status) => status === 200);
  return told;
}

export const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString();
