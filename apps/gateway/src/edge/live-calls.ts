import { Refused } from '#contracts/refusals';
import type { Dropped, KeyDirectory } from '#keyring/key-directory';
import { CALLS_NEED, refusalOf } from '#keyring/refusal-of';
import type { Exchange } from './exchange.js';

const SWEEP_MILLISECONDS = 500;

/**
 * The calls under way, by key: a stream can be open for minutes, and its key may not live that long. A change of the key
 * is looked at at once; the sweep sees what no message tells: that a key has expired, that looking at it has failed, or
 * that nothing has moved for too long.
 */
export class LiveCalls {
  private readonly byKey = new Map<string, Set<Exchange>>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly directory: KeyDirectory,
    private readonly now: () => number = Date.now,
  ) {
    directory.onDropped = (dropped) => this.review((call) => isAbout(dropped, call), dropped);
    this.timer = setInterval(() => this.sweep(), SWEEP_MILLISECONDS);
  }

  /** From when its key is known. */
  enter(call: Exchange): void {
    const keyId = call.key?.key_id;
    if (keyId === undefined) return;
    const calls = this.byKey.get(keyId);
    if (calls) calls.add(call);
    else this.byKey.set(keyId, new Set([call]));
  }

  leave(call: Exchange): void {
    const keyId = call.key?.key_id;
    const calls = keyId === undefined ? undefined : this.byKey.get(keyId);
    if (keyId === undefined || !calls) return;
    calls.delete(call);
    if (calls.size === 0) this.byKey.delete(keyId);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private sweep(): void {
    this.review(() => true, 'all');
    const now = this.now();
    for (const calls of [...this.byKey.values()])
      for (const call of [...calls]) if (call.dueAt <= now) call.underWay?.overdue();
  }

  private review(isMeant: (call: Exchange) => boolean, dropped: Dropped): void {
    const sets =
      dropped !== 'all' && 'keyId' in dropped ? [this.byKey.get(dropped.keyId) ?? []] : [...this.byKey.values()];
    for (const calls of sets) for (const call of [...calls]) if (isMeant(call)) this.look(call);
  }

  private look(call: Exchange): void {
    const known = this.directory.peek(call.digest);
    if (known && known === call.key) this.judge(call, known);
    else
      this.directory.find(call.digest, this.now()).then(
        (key) => this.judge(call, key),
        // Nobody could say. The next sweep asks again.
        () => {},
      );
  }

  private judge(call: Exchange, key: Exchange['key'] | null): void {
    const refused = key ? refusalOf(key, this.now(), CALLS_NEED) : new Refused('invalid_api_key');
    if (refused) call.cut(refused);
    else if (key) call.key = key;
  }
}

function isAbout(dropped: Dropped, { key }: Exchange): boolean {
  if (dropped === 'all') return true;
  return 'keyId' in dropped ? key?.key_id === dropped.keyId : key?.project_id === dropped.projectId;
}
