import { jetstreamManager } from '@nats-io/jetstream';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Counter } from 'prom-client';
import { DataSource } from 'typeorm';
import { USAGE_STREAM } from '#contracts/usage';
import type { Leases } from '#domain/budget/leases';
import { nowAndThen } from '#rpc/now-and-then';
import { KIT, LEASES, type UsageKit } from '../kit.js';
import { closeTills } from './close-tills.js';
import { LivingGateways } from './living-gateways.js';

const EVERY_MILLISECONDS = 2000;
/** Clocks of gateways, of NATS and of Postgres may differ by as much. */
const SKEW_MILLISECONDS = 3000;

/**
 * Gives money back that is in tills nobody spends from any more: lost with a Redis, replaced by another, or idle. Only what
 * can no longer be told of: the gateways have told of their requests, and what they told is in the ledger.
 */
@Injectable()
export class Reclaim implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly closed: Counter;
  private gateways?: LivingGateways;
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  /** What the gateways had told at a moment; proven when everything the stream held then is in the ledger. */
  private claim?: { readonly told: number; readonly at: number };
  private horizon = 0;
  private readonly complain = nowAndThen(() => this.kit.log, 'tills could not be closed; trying again');

  constructor(
    private readonly db: DataSource,
    @Inject(KIT) private readonly kit: UsageKit,
    @Inject(LEASES) private readonly leases: Leases,
  ) {
    this.closed = new Counter({
      name: 'keyward_bank_tills_closed_total',
      help: 'Tills that were closed and whose money was taken back',
      registers: [kit.metrics],
    });
  }

  onApplicationBootstrap(): void {
    this.gateways = new LivingGateways(this.kit.bus, this.leases);
    this.timer = setInterval(() => {
      this.running ??= this.round().finally(() => {
        this.running = undefined;
      });
    }, EVERY_MILLISECONDS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.gateways?.stop();
    await this.running;
  }

  private async round(): Promise<void> {
    try {
      await this.moveHorizon();
      for (let closed = 1; closed > 0; ) {
        closed = await closeTills(this.db, new Date(this.horizon - SKEW_MILLISECONDS), this.leases);
        this.closed.inc(closed);
      }
    } catch (error) {
      this.complain(error);
    }
  }

  private async moveHorizon(): Promise<void> {
    const told = this.gateways?.toldUpTo() ?? null;
    if (told === null) return;
    this.claim ??= { told, at: Date.now() };
    const { streams } = await jetstreamManager(this.kit.bus, { checkAPI: false, timeout: 2000 });
    const { state } = await streams.info(USAGE_STREAM);
    // What the ledger has is taken out of the stream: the first message is the oldest that it does not have.
    const drained = state.messages === 0 || Date.parse(state.first_ts) > this.claim.at + SKEW_MILLISECONDS;
    if (!drained) return;
    this.horizon = Math.max(this.horizon, this.claim.told);
    this.claim = undefined;
  }
}
