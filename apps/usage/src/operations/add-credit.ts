import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { CreditsRpc } from '#contracts/credits';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { newId } from '#domain/id';
import { type Nanos, parseMoney } from '#domain/money';
import { type Doing, Mutations } from '#runtime/store/mutations';
import { readBalances, writeEntry } from '../bank/credits.js';
import { Prepayers } from '../bank/prepayers.js';

type Request = Asked<typeof CreditsRpc.addCredit>;
type Answer = Answers<typeof CreditsRpc.addCredit>;

@Injectable()
export class AddCredit {
  constructor(
    private readonly mutations: Mutations,
    private readonly prepayers: Prepayers,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const nanos = nanosOf(request);
    const answer = await this.mutations.run({
      name: 'addCredit',
      // Credit is what somebody has paid: nobody writes themselves one who does not run the installation.
      asks: { organization_id: request.organization_id, needs: 'admin', as_operator: true },
      context,
      request,
      work: (doing) => this.add(doing, request, nanos),
    });
    await this.prepayers.tell();
    return answer;
  }

  private async add({ db, actor, now, audit }: Doing, request: Request, nanos: Nanos): Promise<Answer> {
    const { organization_id: organizationId, currency, kind, note } = request;
    const id = newId('credit', now.getTime(), randomBytes(10));
    const entry = await writeEntry(db, { id, organizationId, currency, kind, nanos, note, at: now, actor });
    const { amount } = entry;
    audit({ action: `credit.${kind}`, subject: id, before: null, after: { currency, amount, note } });
    const balance = (await readBalances(db, organizationId, now)).find((each) => each.currency === currency);
    if (!balance) throw new Error(`there is no account of ${organizationId} in ${currency} after an entry`);
    return { entry, balance };
  }
}

function nanosOf({ amount, kind }: Request): Nanos {
  const nanos = parseMoney(amount) ?? 0n;
  if (nanos > 0n || (nanos < 0n && kind === 'adjustment')) return nanos;
  const message = kind === 'top_up' ? 'a top-up must be more than zero' : 'an adjustment must not be zero';
  throw new Refused('invalid_request', { message, param: 'amount' });
}
