import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EdgeStack, startEdge } from '../edge.js';
import { chat, eventually } from '../stack.js';

let edge: EdgeStack;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge?.stop());
beforeEach(() => edge.reset());

/** 100 + 200 thousand nanos; of output, a million tokens cost 2. */
const USAGE = { input: 100, output: 50 };
const ask = (key: string, fields: object = {}) => chat(edge.url, key, { model: 'fake', max_tokens: 50, ...fields });
let made = 0;

async function made201<T>(path: string, body: object): Promise<T> {
  const reply = await edge.stack.admin.call('POST', path, body);
  const text = await reply.text();
  if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${text}`);
  return JSON.parse(text) as T;
}

async function projectOf(budget: string | null): Promise<string> {
  const { id } = await made201<{ id: string }>('/api/projects', { name: `shared ${++made}`, budget });
  return id;
}

async function keyIn(project_id: string, fields: object = {}): Promise<string> {
  return (await edge.stack.admin.createKey({ project_id, ...fields })).key;
}

/** As fast as it is answered, for long enough that the bank is asked a dozen times. */
async function insists(key: string, fields: object = {}): Promise<number[]> {
  const until = Date.now() + 3000;
  const statuses = new Set<number>();
  while (Date.now() < until) {
    const reply = await ask(key, fields);
    await reply.text();
    statuses.add(reply.status);
  }
  return [...statuses];
}

describe('money of many keys', () => {
  it('is not collected by a key that may not spend it: its own budget is used up, and it goes on asking', async () => {
    edge.one.control.always({ usage: USAGE });
    const project = await projectOf('0.1');
    const [spent, other] = [await keyIn(project, { budget: '0.0003' }), await keyIn(project)];
    await eventually(
      () => ask(spent),
      ({ status }) => status === 402,
    );
    expect(await insists(spent)).toEqual([402]);
    // Four fifths of what the project has.
    expect((await ask(other, { max_tokens: 40_000 })).status).toBe(200);
  });

  it('is not taken by a key that asks for more than there is', async () => {
    edge.one.control.always({ usage: USAGE });
    const project = await projectOf('0.01');
    const [large, other] = [await keyIn(project), await keyIn(project)];
    const reply = await ask(large, { max_tokens: 6000 });
    expect(reply.status).toBe(402);
    expect((await ask(other, { max_tokens: 4000 })).status).toBe(200);
  });

  it('credits are not worn out by calls that went with the project’s own provider key', async () => {
    edge.one.control.always({ usage: USAGE });
    const project = await projectOf(null);
    const key = await keyIn(project);
    await made201('/api/provider-keys', {
      project_id: project,
      provider: 'one',
      name: 'ours',
      secret: 'sk-own-0123456789ab',
    });
    await made201('/api/credits', { currency: 'USD', amount: '0.001' });
    const credential = async () => {
      await (await ask(key, { model: 'both' })).text();
      return edge.one.record.requests.at(-1)?.credential ?? null;
    };
    await eventually(credential, (used) => used === 'sk-own-0123456789ab');
    for (let i = 0; i < 12; i++) {
      // The second route would be ours, so that credits are held; the first is theirs, and serves.
      const reply = await ask(key, { model: 'both' });
      expect([i, reply.status]).toEqual([i, 200]);
      await reply.text();
    }
  });
});
