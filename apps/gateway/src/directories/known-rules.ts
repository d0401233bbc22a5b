import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import { RulesRpc } from '#contracts/rules';
import type { Policy } from '#policy/compile-rules';
import { RulesDirectory } from '#policy/rules-directory';
import { watchRules } from '#policy/rules-watch';
import { BusClient } from '#rpc/client';
import type { GatewayKit } from '../kit.js';

/** As many as there are keys in memory. */
const POLICIES_IN_MEMORY = 100_000;
const RESOLVE_MILLISECONDS = 900;

/** The rules of the keys this gateway has met. Those that are known go on without the policy service; others are an outage. */
export class KnownRules {
  readonly directory: RulesDirectory;
  private readonly watch: ReturnType<typeof watchRules>;

  constructor(private readonly kit: GatewayKit) {
    const { bus, log } = kit;
    const client = new BusClient({ connection: bus, service: 'gateway' });
    const soon = { timeoutMs: RESOLVE_MILLISECONDS };
    this.directory = new RulesDirectory((asked) => client.call(RulesRpc.getPolicy, asked, soon), POLICIES_IN_MEMORY);
    this.watch = watchRules(bus, (asked) => client.call(RulesRpc.listRuleChanges, asked, soon), this.directory, log);
  }

  async start(): Promise<void> {
    await this.watch.start();
    this.kit.health.watch('rules', () => this.assertTrue(), false);
  }

  async stop(): Promise<void> {
    await this.watch.stop();
  }

  /** Of a key that was met before: no I/O, no promise. Refused where nobody can say any more whether they still hold. */
  peek(key: UsableKey): Policy | undefined {
    if (this.watch.isStale()) throw new Refused('service_unavailable');
    return this.directory.peek(key);
  }

  find(key: UsableKey): Promise<Policy> {
    return this.directory.find(key);
  }

  private assertTrue(): void {
    if (this.watch.isStale()) throw new Error('no sign of life from the bus: cached rules are no longer asked');
  }
}
