import { Gauge } from 'prom-client';
import { EscrowRpc } from '#contracts/escrow';
import type { UsageEvent } from '#contracts/usage';
import { Limits } from '#counters/limits';
import { leasesOf } from '#domain/budget/leases';
import type { Claimed } from '#domain/budget/reservation';
import { BusClient } from '#rpc/client';
import { RedisNodes } from '#runtime/redis';
import type { GatewayKit } from '../kit.js';
import { eventOfAbandoned } from './doorkeeper.js';
import { Peers } from './peers.js';

const BANK_MILLISECONDS = 2000;

/** The till of this gateway: in Redis with the others, and in its own memory while that is away. */
export function openLimits(
  { bus, log, config, health, metrics, closing }: GatewayKit,
  instance: string,
  tell: (event: UsageEvent) => void,
): Limits {
  const client = new BusClient({ connection: bus, service: 'gateway' });
  const redis = new RedisNodes(config.KEYWARD_REDIS_URL, log);
  const leases = leasesOf(config.KEYWARD_LEASE_SECONDS * 1000);
  const peers = new Peers(bus, instance);
  const onAbandoned = async (claimed: Claimed) => {
    const event = eventOfAbandoned(claimed);
    if (!event) return 0n;
    // A gateway that only cannot reach Redis has told the bank that its request lives, or the ledger what it came to.
    const { organization_id, request_id } = event;
    const found = await client.call(
      EscrowRpc.findHold,
      { organization_id, request_id },
      { timeoutMs: BANK_MILLISECONDS },
    );
    if (found.cost_nanos !== null) return BigInt(found.cost_nanos);
    if (found.is_kept) return null;
    tell(event);
    return BigInt(event.cost_nanos);
  };
  const limits = new Limits({ redis, client, instance, peers: () => peers.all(), log, leases, onAbandoned });
  closing(() => redis.close());
  closing(() => peers.stop());
  closing(() => limits.close());
  health.watch(
    'redis',
    () => {
      if (!limits.isShared) throw new Error('redis is away: this gateway counts its share of the rates by itself');
    },
    false,
  );
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
  gauge('keyward_limits_degraded', '1 while Redis is away and this gateway counts alone', () =>
    limits.countsTogether ? 0 : 1,
  );
  gauge('keyward_holds', 'Requests under way that hold money or a place', () => limits.live.size);
  gauge('keyward_busy_keys', 'Keys that this gateway lets in by itself', () => limits.busyKeys);
  gauge('keyward_own_tills', 'Keys whose till is in the memory of this gateway', () => limits.ownTills);
  gauge('keyward_settlements_waiting', 'Settlements that no till has confirmed yet', () => limits.settlements.waiting);
  return limits;
}
