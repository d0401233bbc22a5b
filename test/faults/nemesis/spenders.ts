import { CreditsRpc } from '#contracts/credits';
import { PeopleRpc } from '#contracts/people';
import { formatMoney } from '#domain/money';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { eventually } from '../../eventually.js';
import { type Person, person } from '../../people.js';
import { type House, OWNER } from './house.js';
import { areCreditsTold, type Bucket } from './ledger.js';
import type { Random } from './random.js';

/** Without rates of its own. */
const PLAN = 'enterprise';
/** A machine with three houses on it takes its time. */
const PATIENCE = { timeoutMs: 20_000 };
/** Many times what a call can come to, and not always enough for all that is asked. */
const ENOUGH_TO_BE_BUSY = '0.2';

/** A key whose limits are put to the test. */
export interface Spender {
  readonly name: string;
  readonly id: string;
  readonly key: string;
  /** Whether it can come to its end: else every 402 is a lie. */
  readonly canRunOut: boolean;
  readonly rateLimit: number | null;
  /** The gateway that sees it so often that it lets it in by itself; null: all of them see it now and then. */
  readonly busyAt: number | null;
  /** Whose buckets it spends from: its own, its project’s, its organization’s. */
  readonly drawsFrom: readonly string[];
}

/** What the ledger says it has left; null: nothing limits it. */
export function leftOf({ drawsFrom }: Spender, buckets: readonly Bucket[]): bigint | null {
  const left = buckets.flatMap(({ id, limit, settled }) =>
    limit !== null && drawsFrom.some((owner) => id.startsWith(`${owner}/`)) ? [limit - settled] : [],
  );
  return left.length === 0 ? null : left.reduce((least, each) => (each < least ? each : least));
}

/** One key for each kind of limit, two that share a project’s, and two that one gateway sees often. */
export async function makeSpenders(house: House, seed: number, random: Random): Promise<Spender[]> {
  const { gateways, services } = house;
  const url = gateways[0]?.url ?? '';
  const owner = await signedIn(url, OWNER);
  const little = () => formatMoney(BigInt(random.between(20, 150)) * 1_000_000n);
  const project = await made(owner, '/api/projects', { name: `together ${seed}`, plan: PLAN, budget: little() });
  const payer = await payingOwner(url, services.nats.url, seed, little());
  await eventually(() => areCreditsTold(house), Boolean, 20_000);
  const spender = async (
    name: string,
    fields: object,
    canRunOut: boolean,
    { by = owner, busyAt = null }: { by?: Person; busyAt?: number | null } = {},
  ): Promise<Spender> => {
    const { organization_id } = by.member;
    const rateLimit = 'rate_limit' in fields ? Number(fields.rate_limit) : null;
    const { id, key, project_id } = await made(by, '/api/api-keys', {
      name: `${name} of ${seed}`,
      rate_limit: null,
      ...fields,
    });
    const drawsFrom = [id, String(project_id), organization_id];
    return { name, id, key, canRunOut, rateLimit, busyAt, drawsFrom };
  };
  return [
    await spender('all-time', { budget: little() }, true),
    await spender('window', { recurring_limit: { amount: little(), every: 1, unit: 'day' }, budget: '50' }, true),
    await spender('project a', { project_id: project.id }, true),
    await spender('project b', { project_id: project.id, budget: little() }, true),
    await spender('prepaid', {}, true, { by: payer }),
    await spender('roomy', { budget: '50', max_parallel: 500 }, false),
    await spender('rates', { rate_limit: 60 }, false),
    await spender('free', {}, false),
    await spender('busy', { budget: ENOUGH_TO_BE_BUSY, max_parallel: 64 }, true, { busyAt: seed % 3 }),
    await spender('busy rates', { rate_limit: 1200, budget: '50' }, false, { busyAt: (seed + 1) % 3 }),
  ];
}

interface Made {
  readonly id: string;
  readonly key: string;
  readonly project_id: string;
}

/** Under another name each time: on a machine with much to do the first may be made, and its answer come too late. */
async function made(by: Person, path: string, { name, ...fields }: Record<string, unknown>): Promise<Made> {
  let count = 0;
  const reply = await eventually(
    () => by.call('POST', path, { name: `${name} ${++count}`, ...fields }),
    ({ status }) => status === 201,
    30_000,
  );
  return (await reply.json()) as Made;
}

/** Of an organization that has paid so much in advance. */
async function payingOwner(url: string, nats: string, seed: number, amount: string): Promise<Person> {
  const owner = { email: `payer-${seed}@keyward.test`, password: 'another-horse-battery' };
  const bus = await connectBus({ url: nats, name: 'nemesis' });
  try {
    const client = new BusClient({ connection: bus, service: 'nemesis' });
    const asked = { name: 'Payers', owner, project: { plan: PLAN } };
    const { organization } = await client.call(PeopleRpc.createOrganization, asked, PATIENCE);
    const credit = { organization_id: organization.id, currency: 'USD', amount } as const;
    await client.call(CreditsRpc.addCredit, credit, PATIENCE);
  } finally {
    await bus.close();
  }
  return signedIn(url, owner);
}

/** On a machine with much to do the first answer may be that it took too long. */
function signedIn(url: string, owner: { email: string; password: string }): Promise<Person> {
  return eventually(
    () => person(url, owner).catch(() => null),
    (one) => one !== null,
    30_000,
  ) as Promise<Person>;
}
