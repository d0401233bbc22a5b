import { beforeEach, describe, expect, it } from '@jest/globals';
import type { UsableKey } from '#contracts/keys';
import { type Dropped, KeyDirectory, type Resolve } from './key-directory.js';

type Answer = Awaited<ReturnType<Resolve>>;

const NOW = 1_800_000_000_000;

function keyOf(id: string, fields: Partial<UsableKey> = {}): UsableKey {
  return {
    key_id: id,
    secret_id: `sec_${id}`,
    organization_id: 'org',
    project_id: 'prj',
    name: id,
    tags: {},
    disabled: false,
    expires_at: null,
    valid_until: null,
    scopes: ['read'],
    made_by: [],
    profile: 'keyward',
    plan: 'free',
    rate_limit: null,
    token_limit: null,
    max_parallel: null,
    budget: null,
    recurring_limit: null,
    recurring_since: null,
    spend_epoch: 0,
    project_budget: null,
    project_recurring_limit: null,
    project_recurring_since: null,
    project_spend_epoch: 0,
    prepaid: false,
    currency: 'USD',
    revision: 1,
    ...fields,
  };
}

/** A keys service that answers when it is told to. */
class Slow {
  readonly asked: { digest: string; at_least: number; answer: (answer: Answer) => void; fail: (e: Error) => void }[] =
    [];

  readonly resolve: Resolve = (request) => new Promise((answer, fail) => this.asked.push({ ...request, answer, fail }));

  last() {
    const last = this.asked.at(-1);
    if (!last) throw new Error('nothing was asked');
    return last;
  }
}

let service: Slow;
let keys: KeyDirectory;
beforeEach(() => {
  service = new Slow();
  keys = new KeyDirectory(service.resolve, 100);
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function meet(digest: string, key: UsableKey | null, as_of = 1): Promise<UsableKey | null> {
  const found = keys.find(digest, NOW);
  service.last().answer({ as_of, key });
  return found;
}

describe('a change that is told late', () => {
  it('takes nothing away that was asked for since: the service that told of it may be gone by now', async () => {
    await meet('d', keyOf('k'), 7);
    keys.changed('k', 7);
    keys.projectChanged('prj', 6);
    expect(keys.peek('d')?.key_id).toBe('k');
    keys.changed('k', 8);
    expect(keys.peek('d')).toBeUndefined();
    await meet('d', keyOf('k'), 8);
    keys.projectChanged('prj', 9);
    expect(keys.peek('d')).toBeUndefined();
  });
});

describe('a look-up', () => {
  it('is one question, however many wait for it, and none once the key is known', async () => {
    const all = Promise.all(Array.from({ length: 50 }, () => keys.find('d', NOW)));
    expect(service.asked).toHaveLength(1);
    service.last().answer({ as_of: 1, key: keyOf('k') });
    expect(new Set(await all).size).toBe(1);
    expect(keys.peek('d')?.key_id).toBe('k');
    expect(await keys.find('d', NOW)).toBe(keys.peek('d'));
    expect(service.asked).toHaveLength(1);
  });

  it('that failed is forgotten: the next one asks again', async () => {
    const found = keys.find('d', NOW);
    service.last().fail(new Error('away'));
    await expect(found).rejects.toThrow('away');
    expect((await meet('d', keyOf('k')))?.key_id).toBe('k');
  });

  it('of an unknown secret is remembered for five seconds, and no longer', async () => {
    expect(await meet('d', null)).toBeNull();
    expect(await keys.find('d', NOW + 4999)).toBeNull();
    expect(service.asked).toHaveLength(1);
    const again = keys.find('d', NOW + 5000);
    service.last().answer({ as_of: 2, key: keyOf('k') });
    expect((await again)?.key_id).toBe('k');
  });

  it('of secrets without number stays within bounds', async () => {
    const quick = new KeyDirectory(async ({ digest }) => ({ as_of: 1, key: keyOf(digest) }), 100);
    for (let i = 0; i < 1000; i++) await quick.find(`d${i}`, NOW);
    expect(quick.size).toBeLessThanOrEqual(100);
    // What was forgotten is asked for again, and its change is still a change.
    for (let i = 0; i < 1000; i++) quick.changed(`d${i}`, 2 + i);
    expect(quick.size).toBe(0);
  });
});

describe('a change', () => {
  it('drops every secret of the key, and no other', async () => {
    await meet('old', keyOf('k', { secret_id: 'sec_1' }));
    await meet('new', keyOf('k', { secret_id: 'sec_2' }));
    await meet('other', keyOf('o'));
    keys.changed('k', 2);
    expect(['old', 'new', 'other'].map((digest) => keys.peek(digest)?.key_id)).toEqual([undefined, undefined, 'o']);
  });

  it('that comes while the answer is under way wins over it, and who waits gets the newer one', async () => {
    const found = keys.find('d', NOW);
    keys.changed('k', 7);
    service.last().answer({ as_of: 6, key: keyOf('k') });
    await settled();
    expect(service.asked).toHaveLength(2);
    expect(service.last().at_least).toBe(7);
    service.last().answer({ as_of: 7, key: keyOf('k', { disabled: true }) });
    expect((await found)?.disabled).toBe(true);
    expect(keys.peek('d')?.disabled).toBe(true);
  });

  it('is never answered from before it, by whatever cache: rather no answer at all', async () => {
    keys.changed('k', 7);
    const refused = expect(keys.find('d', NOW)).rejects.toMatchObject({ code: 'service_unavailable' });
    for (let i = 0; i < 3; i++) {
      service.last().answer({ as_of: 6, key: keyOf('k') });
      await settled();
    }
    await refused;
    expect(keys.peek('d')).toBeUndefined();
  });

  it('told twice, late or out of order drops nothing that is newer', async () => {
    keys.changed('k', 7);
    await meet('d', keyOf('k'), 9);
    keys.changed('k', 7);
    keys.changed('k', 5);
    expect(keys.peek('d')).toBeDefined();
    keys.changed('k', 10);
    expect(keys.peek('d')).toBeUndefined();
  });

  it('of a project drops the keys of that project, and holds for answers under way', async () => {
    await meet('d', keyOf('k'));
    await meet('e', keyOf('o', { project_id: 'other' }));
    keys.projectChanged('prj', 4);
    expect(keys.peek('d')).toBeUndefined();
    expect(keys.peek('e')).toBeDefined();
    const found = keys.find('d', NOW);
    service.last().answer({ as_of: 3, key: keyOf('k', { plan: 'old' }) });
    await settled();
    service.last().answer({ as_of: 4, key: keyOf('k', { plan: 'new' }) });
    expect((await found)?.plan).toBe('new');
  });

  it('is told to whoever acts on what was looked up earlier', async () => {
    const heard: Dropped[] = [];
    keys.onDropped = (dropped) => heard.push(dropped);
    keys.changed('k', 1);
    keys.changed('k', 1);
    keys.projectChanged('prj', 2);
    keys.dropAll(3);
    expect(heard).toEqual([{ keyId: 'k' }, { projectId: 'prj' }, 'all']);
  });
});

describe('everything dropped', () => {
  it('counts for answers under way, known and unknown', async () => {
    await meet('d', keyOf('k'));
    await meet('u', null);
    const found = keys.find('e', NOW);
    keys.dropAll(8);
    expect(keys.size).toBe(0);
    service.last().answer({ as_of: 7, key: null });
    await settled();
    expect(service.last()).toMatchObject({ digest: 'e', at_least: 8 });
    service.last().answer({ as_of: 8, key: keyOf('k') });
    expect((await found)?.key_id).toBe('k');
    void keys.find('u', NOW);
    expect(service.last()).toMatchObject({ digest: 'u', at_least: 8 });
  });
});

describe('revisions that begin anew after a restore', () => {
  it('make answers possible again, and those of before worthless', async () => {
    keys.changed('k', 500);
    keys.dropAll(500);
    const early = keys.find('d', NOW);
    keys.startOver(100);
    // Of the time before: newer by its number, and wrong.
    service.last().answer({ as_of: 510, key: keyOf('k') });
    await settled();
    expect(service.asked).toHaveLength(2);
    service.last().answer({ as_of: 100, key: keyOf('k', { disabled: true }) });
    expect((await early)?.disabled).toBe(true);
    keys.changed('k', 101);
    expect(keys.peek('d')).toBeUndefined();
  });
});
