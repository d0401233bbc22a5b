import type { NatsConnection } from '@nats-io/transport-node';
import { KeysEvents, type KeysRpc } from '#contracts/keys';
import type { Answers, Asked } from '#contracts/rpc';
import type { Log } from '#runtime/log';
import { ChangeWatch } from './change-watch.js';
import type { KeyDirectory } from './key-directory.js';

export type ListChanges = (asked: Asked<typeof KeysRpc.listChanges>) => Promise<Answers<typeof KeysRpc.listChanges>>;
type Change = Answers<typeof KeysRpc.listChanges>['changes'][number];
export type KeyWatch = ChangeWatch<Change>;

/** Keeps a key directory true. */
export function watchKeys(
  bus: NatsConnection,
  list: ListChanges,
  keys: KeyDirectory,
  log: Log,
  now: () => number = Date.now,
): KeyWatch {
  const apply = ({ key_id, project_id, revision }: Change) => {
    if (project_id === null) keys.dropAll(revision);
    else if (key_id === null) keys.projectChanged(project_id, revision);
    else keys.changed(key_id, revision);
  };
  const holder = {
    apply,
    dropAll: (revision: number) => keys.dropAll(revision),
    startOver: (revision: number) => keys.startOver(revision),
  };
  return new ChangeWatch(bus, { what: 'keys', beats: 'keys', event: KeysEvents.keyChanged, list }, holder, log, now);
}
