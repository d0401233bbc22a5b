import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Refused } from '#contracts/refusals';
import { RulesRpc } from '#contracts/rules';
import { subjectsOf } from '#policy/subjects';
import { BusClient } from '#rpc/client';
import { type KeysKit, KIT } from './kit.js';
import type { Actor } from './mutation/actors.js';
import { ApiKey } from './store/entities.js';

const ASK_MILLISECONDS = 900;

/** Whose rules bind whom, where a secret is handed out: with it one is bound by the rules of its key, and no others. */
@Injectable()
export class Bonds {
  private readonly client: BusClient;

  constructor(@Inject(KIT) { bus }: KeysKit) {
    this.client = new BusClient({ connection: bus, service: 'keys' });
  }

  /** Refused where rules bind whoever asks that do not bind the key. Nothing binds an owner, who could undo it. */
  async assertHold(db: EntityManager, who: Actor, key: ApiKey): Promise<void> {
    if (who.kind === 'service' || who.role === 'owner') return;
    const holding = subjectsOf(boundOf(key));
    const subjects = (await bindingOf(db, who, key.organizationId)).filter((each) => !holding.includes(each));
    if (subjects.length === 0) return;
    const asked = { organization_id: key.organizationId, subjects };
    const { sets } = await this.client.call(RulesRpc.getPolicy, asked, { timeoutMs: ASK_MILLISECONDS });
    if (!sets.some(({ rules }) => rules.some(({ status }) => status === 'active'))) return;
    throw new Refused(who.role ? 'forbidden' : 'permission_denied', {
      message: 'You are bound by rules that do not bind this key: its secret is not for you.',
    });
  }
}

async function bindingOf(db: EntityManager, { kind, name }: Actor, organizationId: string): Promise<string[]> {
  const id = name.slice(name.indexOf(':') + 1);
  if (kind === 'member') return [id];
  return subjectsOf(boundOf(await db.findOneByOrFail(ApiKey, { id, organizationId })));
}

function boundOf({ id, organizationId, projectId, madeBy }: ApiKey) {
  return { key_id: id, organization_id: organizationId, project_id: projectId, made_by: madeBy };
}
