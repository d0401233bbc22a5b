import { beforeEach, describe, expect, it } from '@jest/globals';
import type { WireRule } from '#contracts/rules';
import { type BoundKey, type ResolvePolicy, RulesDirectory } from './rules-directory.js';

type Answer = Awaited<ReturnType<ResolvePolicy>>;

const KEY: BoundKey = {
  key_id: 'key',
  organization_id: 'org',
  project_id: 'prj',
  made_by: ['key:maker', 'project:left', 'project:prj', 'member:mem', 'service:x'],
};
const RULE: WireRule = { id: 'rul', type: 'deny_models', models: ['x'], status: 'active', condition: null };

/** A policy service that answers when it is told to. */
class Slow {
  readonly asked: { subjects: string[]; answer: (answer: Answer) => void }[] = [];
  readonly resolve: ResolvePolicy = ({ subjects }) => new Promise((answer) => this.asked.push({ subjects, answer }));

  answer(asOf: number, rules: WireRule[] = []): void {
    const sets = rules.length ? [{ level: 'key' as const, subject: 'key', rules }] : [];
    this.asked.shift()?.answer({ as_of: asOf, sets });
  }
}

let slow: Slow;
let rules: RulesDirectory;
beforeEach(() => {
  slow = new Slow();
  rules = new RulesDirectory(slow.resolve, 100);
});

const found = async (asOf: number, with_: WireRule[] = []) => {
  const finding = rules.find(KEY);
  slow.answer(asOf, with_);
  return finding;
};

describe('the rules of a key', () => {
  it('are those of all who bind it, asked for once however many wait', async () => {
    const both = [rules.find(KEY), rules.find(KEY)];
    expect(slow.asked.map(({ subjects }) => subjects)).toEqual([['org', 'prj', 'maker', 'left', 'mem', 'key']]);
    slow.answer(1, [RULE]);
    const [one, other] = await Promise.all(both);
    expect(one).toBe(other);
    expect(one?.steps).toHaveLength(1);
    expect(rules.peek(KEY)).toBe(one);
  });

  it.each(['org', 'prj', 'maker', 'left', 'mem', 'key'])(
    'are asked for anew when those of %s change, and not for others',
    async (subject) => {
      await found(1);
      rules.changed('somebody else', 2);
      expect(rules.peek(KEY)).toBeDefined();
      rules.changed(subject, 3);
      expect(rules.peek(KEY)).toBeUndefined();
    },
  );

  it('are never taken from an answer that is older than a change', async () => {
    const finding = rules.find(KEY);
    rules.changed('prj', 5);
    slow.answer(4);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(rules.peek(KEY)).toBeUndefined();
    slow.answer(5, [RULE]);
    expect((await finding).steps).toHaveLength(1);
  });

  it('stay where an old change is told late', async () => {
    await found(7);
    rules.changed('key', 6);
    expect(rules.peek(KEY)).toBeDefined();
  });

  it('are forgotten when everything may have changed, and when the revisions begin anew', async () => {
    await found(7);
    rules.dropAll(8);
    expect(rules.peek(KEY)).toBeUndefined();
    await found(8);
    rules.startOver(2);
    expect(rules.peek(KEY)).toBeUndefined();
    expect((await found(2)).steps).toEqual([]);
  });

  it('are an outage where they change faster than they can be read, and never a guess', async () => {
    const finding = rules.find(KEY);
    const refused = expect(finding).rejects.toMatchObject({ code: 'service_unavailable' });
    for (let revision = 10; revision < 13; revision++) {
      rules.changed('key', revision);
      slow.answer(revision - 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await refused;
  });
});
