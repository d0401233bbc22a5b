import { AccessRpc } from '#contracts/access';
import { AuditRpc } from '#contracts/audit';
import { KeysRpc } from '#contracts/keys';
import { PeopleRpc } from '#contracts/people';
import { ProjectsRpc } from '#contracts/projects';
import { SessionsRpc } from '#contracts/sessions';
import { WebhooksRpc } from '#contracts/webhooks';

/** Everything this service answers to. */
export const CONTRACT = {
  ...KeysRpc,
  ...SessionsRpc,
  ...PeopleRpc,
  ...ProjectsRpc,
  ...AuditRpc,
  ...AccessRpc,
  ...WebhooksRpc,
};
