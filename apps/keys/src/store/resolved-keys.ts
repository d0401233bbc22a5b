import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Cluster, Redis } from 'ioredis';
import { KeysRpc } from '#contracts/keys';
import type { Answers } from '#contracts/rpc';
import { REDIS } from '../kit.js';

type Resolved = Answers<typeof KeysRpc.resolveKey>;

/** Shorter than the gateways remember changes (`listChanges`): one that is too old for a change is always recognised. */
const LIFE_SECONDS = 300;
const ERA = 'keyward:resolved:era';

/** An answer never replaces a newer one, however late it arrives. */
const WRITE_IF_NEWER = `
  local held = redis.call('HGET', KEYS[1], 'as_of')
  if held and tonumber(held) > tonumber(ARGV[1]) then return 0 end
  redis.call('HSET', KEYS[1], 'as_of', ARGV[1], 'answer', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return 1`;

/** The era and its newest revision; a new era where there is none, or where the caller knows that the old one is over. */
const AGREE = `
  local era, head = unpack(redis.call('HMGET', KEYS[1], 'era', 'head'))
  if not era or head == ARGV[3] then
    redis.call('HSET', KEYS[1], 'era', ARGV[2], 'head', ARGV[1])
    return {ARGV[2], ARGV[1]}
  end
  if tonumber(ARGV[1]) > tonumber(head) then redis.call('HSET', KEYS[1], 'head', ARGV[1]) end
  return {era, head}`;

/**
 * What every gateway asks after a restart, so that the stampede ends here and not in Postgres. Holds digests, never
 * secrets. Without Redis everything still works, only from Postgres.
 */
@Injectable()
export class ResolvedKeys {
  /** Part of every name here; none until it is known, and then nothing is read or written. */
  private era: string | null = null;

  constructor(@Inject(REDIS) private readonly redis: Redis | Cluster) {}

  /**
   * Revisions begin anew at a lower one when the database comes back from a backup: what was kept before is of another
   * era then, and would look newer than what is true. Asked before the first read and every second from then on.
   */
  async agree(readHead: () => Promise<number>): Promise<void> {
    const head = await readHead();
    const [era, newest] = await this.askEra(head);
    // Another replica may just have been a change ahead; then the head has moved as well.
    const again = Number(newest) > head ? await readHead() : head;
    this.era = Number(newest) > again ? (await this.askEra(again, newest))[0] : era;
  }

  async read(digest: string): Promise<Resolved | null> {
    if (this.era === null) return null;
    try {
      const answer = await this.redis.hget(this.place(digest), 'answer');
      // What another version has written may not be what this one means.
      return answer === null ? null : (KeysRpc.resolveKey.reply.safeParse(JSON.parse(answer)).data ?? null);
    } catch {
      return null;
    }
  }

  /** Nobody waits for it: the answer is on its way already. */
  write(digest: string, answer: Resolved): void {
    if (this.era === null) return;
    const text = JSON.stringify(answer);
    this.redis.eval(WRITE_IF_NEWER, 1, this.place(digest), answer.as_of, text, LIFE_SECONDS).catch(() => {});
  }

  private async askEra(head: number, over = 'none'): Promise<[string, string]> {
    return (await this.redis.eval(AGREE, 1, ERA, head, randomUUID(), over)) as [string, string];
  }

  private place(digest: string): string {
    return `keyward:resolved:${this.era}:${digest}`;
  }
}
