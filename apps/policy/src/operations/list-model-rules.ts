import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessRpc } from '#contracts/access';
import { MOST_SHOWN, type ModelRulesRpc, type TouchedRule } from '#contracts/model-rules';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { parseMoney } from '#domain/money';
import type { Way } from '#domain/policy/matcher';
import { wayOf } from '#policy/decision';
import type { KnownModel } from '#policy/known-models';
import { BusClient } from '#rpc/client';
import { Clock } from '#runtime/clock';
import { Explainer } from '../explainer.js';
import { everyRuleSet } from '../store/rule-sets.js';
import { type SeenModel, touchOf } from '../touched-rules.js';

type Request = Asked<typeof ModelRulesRpc.listModelRules>;
type Answer = Answers<typeof ModelRulesRpc.listModelRules>;

const ASK_MILLISECONDS = 900;
/** Of rules: an answer has to fit into one message. */
const MOST_BYTES = 256 * 1024;

@Injectable()
export class ListModelRules {
  constructor(
    private readonly db: DataSource,
    private readonly bus: BusClient,
    private readonly explainer: Explainer,
    private readonly clock: Clock,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const { organization_id, model_id: model } = request;
    const options = { actor: context.actor, timeoutMs: ASK_MILLISECONDS };
    await this.bus.call(AccessRpc.authorize, { organization_id, needs: 'read' }, options);
    const seen = seenAs(model, await this.explainer.knownModels(), priceIn(request), this.clock.now());
    const isOperator = await this.isOperator(organization_id, options);
    const answer: Answer = { model, rules: [], total: 0, everywhere: null };
    const all = { rules: 0, changes: 0 };
    const organizations = new Set<string>();
    let room = MOST_BYTES;
    for await (const { whose, ...touched } of this.touched(isOperator ? null : organization_id, seen)) {
      all.rules++;
      if (touched.changes) all.changes++;
      organizations.add(whose);
      if (whose !== organization_id) continue;
      answer.total++;
      room -= JSON.stringify(touched.rule).length;
      if (room > 0 && answer.rules.length < MOST_SHOWN) answer.rules.push(touched);
    }
    return isOperator ? { ...answer, everywhere: { ...all, organizations: organizations.size } } : answer;
  }

  private async *touched(
    organizationId: string | null,
    seen: SeenModel,
  ): AsyncIterable<TouchedRule & { readonly whose: string }> {
    for await (const { organization_id: whose, level, subject, rules } of everyRuleSet(this.db, organizationId))
      for (const rule of rules) {
        const touch = rule.status === 'inactive' ? null : touchOf(rule, seen);
        if (touch) yield { whose, level, subject, rule, ...touch };
      }
  }

  /** Only those who run the installation learn of other organizations, and of them only how many. */
  private async isOperator(
    organization_id: string,
    options: { readonly actor: string; readonly timeoutMs: number },
  ): Promise<boolean> {
    try {
      await this.bus.call(AccessRpc.authorize, { organization_id, needs: 'admin', as_operator: true }, options);
      return true;
    } catch (error) {
      if (error instanceof Refused && error.status === 403) return false;
      throw error;
    }
  }
}

type NewPrice = NonNullable<Way['price']>;

function priceIn({ input_price, output_price }: Request): NewPrice | null {
  if ((input_price === undefined) !== (output_price === undefined))
    throw new Refused('invalid_request', {
      message: 'A price is both: input_price and output_price.',
      param: input_price === undefined ? 'input_price' : 'output_price',
    });
  const [input, output] = [parseMoney(input_price ?? ''), parseMoney(output_price ?? '')];
  return input === null || output === null ? null : { free: input + output === 0n, input, output };
}

/** An alias is its name alone: what it stands for stays, whatever becomes of it. */
function seenAs(id: string, models: ReadonlyMap<string, KnownModel>, price: NewPrice | null, now: number): SeenModel {
  const model = models.get(id);
  if (!model) throw new Refused('not_found', { message: 'There is no such model.' });
  const waysTo = ({ routes }: KnownModel) => routes.map((route) => wayOf(route, now));
  if (model.id !== id) {
    const asked = { model: id, name: id, snapshot: null, ip: null };
    return { names: [{ asked, ways: waysTo(model) }], ways: [], repriced: null };
  }
  const names = [...models].filter(([, known]) => known.id === id);
  return {
    names: names.map(([name, known]) => ({
      asked: { model: id, name, snapshot: known.snapshot, ip: null },
      ways: waysTo(known),
    })),
    ways: waysTo(model),
    repriced: price && waysTo(model).map((way) => ({ ...way, price })),
  };
}
