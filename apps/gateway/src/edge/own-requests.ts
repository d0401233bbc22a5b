import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import { ReportsRpc } from '#contracts/reports';
import { idPattern } from '#domain/id';
import type { BusClient } from '#rpc/client';

const PATH = '/v1/requests/';
const IS_REQUEST = idPattern('request');
const PATIENCE_MILLISECONDS = 900;

/** The requests of a key, for whoever holds it: what was decided, what it used, what it cost. Of no other key's, ever. */
export class OwnRequests {
  constructor(private readonly client: Pick<BusClient, 'call'>) {}

  async of({ organization_id, key_id }: UsableKey, request_id: string): Promise<object> {
    if (!IS_REQUEST.test(request_id)) throw new Refused('not_found', { message: 'There is no such request.' });
    const asked = { organization_id, key_id, request_id };
    return this.client.call(ReportsRpc.getRequest, asked, { timeoutMs: PATIENCE_MILLISECONDS });
  }
}

/** The id in `/v1/requests/{id}`; undefined for another path. */
export function requestIdIn(path: string): string | undefined {
  return path.startsWith(PATH) ? path.slice(PATH.length) : undefined;
}
