import type { NatsConnection } from '@nats-io/transport-node';
import type { Answers, Asked } from '#contracts/rpc';
import { RULES_BEAT, RulesEvents, type RulesRpc } from '#contracts/rules';
import { ChangeWatch } from '#keyring/change-watch';
import type { Log } from '#runtime/log';
import type { RulesDirectory } from './rules-directory.js';

type ListChanges = (asked: Asked<typeof RulesRpc.listRuleChanges>) => Promise<Answers<typeof RulesRpc.listRuleChanges>>;
type Change = Answers<typeof RulesRpc.listRuleChanges>['changes'][number];

/** Keeps a directory of rules true. */
export function watchRules(
  bus: NatsConnection,
  list: ListChanges,
  rules: RulesDirectory,
  log: Log,
): ChangeWatch<Change> {
  const teller = { what: 'rules', beats: RULES_BEAT, event: RulesEvents.rulesChanged, list };
  const holder = {
    apply: ({ subject, revision }: Change) => rules.changed(subject, revision),
    dropAll: (revision: number) => rules.dropAll(revision),
    startOver: (revision: number) => rules.startOver(revision),
  };
  return new ChangeWatch(bus, teller, holder, log);
}
