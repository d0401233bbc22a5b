import { setTimeout as sleep } from 'node:timers/promises';
import type { UsableKey } from '#contracts/keys';
import type { SecretUse } from '#contracts/usage';
import type { Log } from '#runtime/log';

const EVERY_MILLISECONDS = 1000;
const LAST_TRY_MILLISECONDS = 2000;
const BATCH_USES = 500;
/** With the bus away for long, further secrets are not noted: a date that is a little old does no harm. */
const REMEMBERED = 100_000;

type Used = Pick<UsableKey, 'key_id' | 'secret_id' | 'organization_id'>;

/** Notes when secrets were last used, and tells it once a second: a busy key costs no more than an idle one. */
export class SecretUses {
  private waiting = new Map<string, { readonly key: Used; at: number }>();
  private readonly timer: NodeJS.Timeout;
  private sending?: Promise<void>;

  constructor(
    private readonly tell: (uses: readonly SecretUse[]) => Promise<void>,
    private readonly log: Log,
    everyMilliseconds = EVERY_MILLISECONDS,
  ) {
    this.timer = setInterval(() => void this.send(), everyMilliseconds);
    this.timer.unref();
  }

  note(key: Used, at: number): void {
    const use = this.waiting.get(key.secret_id);
    if (use) use.at = Math.max(use.at, at);
    else if (this.waiting.size < REMEMBERED) this.waiting.set(key.secret_id, { key, at });
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.race([this.send(), sleep(LAST_TRY_MILLISECONDS, undefined, { ref: false })]);
  }

  send(): Promise<void> {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = undefined;
    });
    return this.sending;
  }

  private async sendAll(): Promise<void> {
    const uses = [...this.waiting.values()];
    this.waiting = new Map();
    for (let start = 0; start < uses.length; start += BATCH_USES) {
      const batch = uses.slice(start, start + BATCH_USES);
      try {
        await this.tell(batch.map(({ key, at }) => useOf(key, at)));
      } catch (error) {
        this.log.warn({ err: error, secrets: uses.length - start }, 'uses could not be told; trying again');
        for (const { key, at } of uses.slice(start)) this.note(key, at);
        return;
      }
    }
  }
}

function useOf({ organization_id, key_id, secret_id }: Used, at: number): SecretUse {
  return { organization_id, key_id, secret_id, at: new Date(at).toISOString() };
}
