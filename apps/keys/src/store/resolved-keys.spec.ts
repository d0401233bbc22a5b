import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { eventually } from '../../../../test/stack.js';
import { ResolvedKeys } from './resolved-keys.js';

const url = new URL(process.env.KEYWARD_TEST_REDIS_URL ?? '');
url.pathname = `/${Number(process.env.JEST_WORKER_ID ?? 1)}`;
const redis = new Redis(url.href);
afterAll(() => redis.disconnect());

const at = (as_of: number) => ({ as_of, key: null });

let first: ResolvedKeys;
let second: ResolvedKeys;
beforeEach(async () => {
  await redis.flushdb();
  [first, second] = [new ResolvedKeys(redis), new ResolvedKeys(redis)];
});

const headOf = (revision: number) => async () => revision;

/** Nobody waits for a write; the next command on the same connection comes after it. */
async function written(keys: ResolvedKeys, digest: string, as_of: number) {
  keys.write(digest, at(as_of));
  return (await keys.read(digest))?.as_of;
}

describe('the shared cache of keys', () => {
  it('never replaces an answer by an older one, whoever writes it', async () => {
    await first.agree(headOf(9));
    await second.agree(headOf(9));
    expect(await written(first, 'd', 5)).toBe(5);
    expect(await written(second, 'd', 4)).toBe(5);
    expect(await written(second, 'd', 6)).toBe(6);
    expect((await first.read('d'))?.as_of).toBe(6);
  });

  it('forgets within five minutes by itself', async () => {
    await first.agree(headOf(9));
    await written(first, 'd', 5);
    const [name = ''] = await redis.keys('*:d');
    expect(await redis.ttl(name)).toBeLessThanOrEqual(300);
    expect(await redis.ttl(name)).toBeGreaterThan(290);
  });

  it('holds nothing before the era is known', async () => {
    expect(await written(first, 'd', 5)).toBeUndefined();
    expect(await redis.dbsize()).toBe(0);
  });

  it('is worth nothing after the keys came back from a backup: its answers would look newer than the truth', async () => {
    await first.agree(headOf(120));
    await written(first, 'd', 120);
    // A replica that was started after the restore, and one that lived through it.
    await second.agree(headOf(100));
    expect(await second.read('d')).toBeNull();
    await first.agree(headOf(100));
    expect(await first.read('d')).toBeNull();
    expect(await written(first, 'd', 101)).toBe(101);
    expect((await second.read('d'))?.as_of).toBe(101);
  });

  it('survives a replica that is a change behind', async () => {
    await first.agree(headOf(120));
    await written(first, 'd', 120);
    const heads = [119, 120];
    await second.agree(async () => heads.shift() as number);
    expect((await second.read('d'))?.as_of).toBe(120);
  });

  it('takes what it cannot read for nothing', async () => {
    await first.agree(headOf(9));
    await written(first, 'd', 5);
    const [name = ''] = await redis.keys('*:d');
    for (const junk of ['{', '{"as_of":"five"}']) {
      await redis.hset(name, 'answer', junk);
      await eventually(
        () => first.read('d'),
        (answer) => answer === null,
      );
    }
  });
});
