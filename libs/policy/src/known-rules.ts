import type { NatsConnection } from '@nats-io/transport-node';
import { Refused } from '#contracts/refusals';
import { RulesRpc } from '#contracts/rules';
import type { BusClient } from '#rpc/client';
import type { Log } from '#runtime/log';
import type { Policy } from './compile-rules.js';
import { type BoundKey, RulesDirectory } from './rules-directory.js';
import { watchRules } from './rules-watch.js';

/** As many as there are keys in memory. */
const POLICIES_IN_MEMORY = 100_000;
const RESOLVE_MILLISECONDS = 900;

/** The rules of the keys this process has met. Those that are known go on without the policy service; others are an outage. */
export class KnownRules {
  readonly directory: RulesDirectory;
  private readonly watch: ReturnType<typeof watchRules>;

  constructor(bus: NatsConnection, client: BusClient, log: Log) {
    const soon = { timeoutMs: RESOLVE_MILLISECONDS };
    this.directory = new RulesDirectory((asked) => client.call(RulesRpc.getPolicy, asked, soon), POLICIES_IN_MEMORY);
    this.watch = watchRules(bus, (asked) => client.call(RulesRpc.listRuleChanges, asked, soon), this.directory, log);
  }

  async start(): Promise<void> {
    await this.watch.start();
  }

  async stop(): Promise<void> {
    await this.watch.stop();
  }

  /** Of a key that was met before: no I/O, no promise. Refused where nobody can say any more whether they still hold. */
  peek(key: BoundKey): Policy | undefined {
    if (this.watch.isStale()) throw new Refused('service_unavailable');
    return this.directory.peek(key);
  }

  find(key: BoundKey): Promise<Policy> {
    return this.directory.find(key);
  }

  /** For the board of health. */
  assertTrue(): void {
    if (this.watch.isStale()) throw new Error('no sign of life from the bus: cached rules are no longer asked');
  }
}
