import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { KeysRpc, UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers } from '#contracts/rpc';
import { CatalogueDirectory } from '#policy/catalogue-directory';
import { decide, isUnpriced } from '#policy/decision';
import { doorOf, routesAt } from '#policy/doors';
import type { KnownModel } from '#policy/known-models';
import { KnownRules } from '#policy/known-rules';
import { BusClient } from '#rpc/client';
import { type KeysKit, KIT } from './kit.js';

type Denial = Pick<Answers<typeof KeysRpc.verifyKey>, 'code' | 'rule'>;

interface Question {
  readonly model: string;
  readonly ip: string | null;
  readonly tokens: number;
}

/**
 * What `verify` asks of a model: the catalogue and the rules, kept here as a gateway keeps them, so that it is decided by
 * the same code, without asking anybody, and goes on while the policy service is away.
 */
@Injectable()
export class ModelCheck implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly catalogue: CatalogueDirectory;
  private readonly rules: KnownRules;

  constructor(@Inject(KIT) { bus, log, health }: KeysKit) {
    const client = new BusClient({ connection: bus, service: 'keys' });
    this.catalogue = new CatalogueDirectory(bus, client, log);
    this.rules = new KnownRules(bus, client, log);
    health.watch('rules', () => this.rules.assertTrue(), false);
  }

  /** Not waited for: the policy service may start later, and whoever asks of no model needs nothing of it. */
  onApplicationBootstrap(): void {
    for (const each of [this.catalogue, this.rules])
      each.start().catch(() => {
        // Told to stop before it had begun.
      });
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.catalogue.stop(), this.rules.stop()]);
  }

  /** Why a key may not make the plainest call of this model; null where it may. Throws where nobody can say. */
  async denialOf(key: UsableKey, { model: name, ip, tokens }: Question, now: number): Promise<Denial | null> {
    const model = this.modelOf(name);
    if (!model) return { code: 'model_not_found', rule: null };
    const policy = this.rules.peek(key) ?? (await this.rules.find(key));
    const details = () => ({ maxTokens: null, tools: false, images: false, inputTokens: tokens });
    const endpoint = doorOf(model);
    const call = { key, model, name, endpoint, stream: false, ip, now, details };
    const verdict = decide(policy, call, routesAt(endpoint, model));
    if (verdict.decision === 'deny') {
      const { code, rule: id, level, subject: about } = verdict;
      return { code, rule: { id, level, about } };
    }
    return isUnpriced(key, verdict.ways) ? { code: 'model_unpriced', rule: null } : null;
  }

  private modelOf(name: string): KnownModel | null {
    try {
      return this.catalogue.modelOf(name);
    } catch (error) {
      if (error instanceof Refused && error.code === 'model_not_found') return null;
      throw error;
    }
  }
}
