import { randomBytes } from 'node:crypto';
import type { UsageEvent } from '#contracts/usage';
import { bornAt, newId } from '#domain/id';

export const anId = (kind: Parameters<typeof newId>[0], at = Date.now()) => newId(kind, at, randomBytes(10));

/** A request that ended well, with whatever a test wants to be different. */
export function usageEvent(fields: Partial<UsageEvent> = {}): UsageEvent {
  const request_id = fields.request_id ?? anId('request', fields.at === undefined ? undefined : Date.parse(fields.at));
  return {
    request_id,
    kind: 'final',
    organization_id: anId('organization'),
    project_id: anId('project'),
    key_id: anId('key'),
    secret_id: anId('secret'),
    at: new Date(bornAt(request_id)).toISOString(),
    endpoint: '/v1/chat/completions',
    model: 'gpt-4o-mini',
    served_model: 'gpt-4o-mini',
    provider: 'openai',
    own_key: false,
    prepaid: false,
    stream: false,
    outcome: 'ok',
    status: 200,
    code: null,
    input_tokens: 100,
    cached_input_tokens: 10,
    cache_write_tokens: 0,
    output_tokens: 20,
    reasoning_tokens: 5,
    estimated: false,
    unpriced: false,
    cost_nanos: '1000000',
    currency: 'USD',
    spend_epoch: 0,
    window_start: null,
    project_spend_epoch: 0,
    project_window_start: null,
    hold: null,
    duration_ms: 12,
    first_byte_ms: 3,
    ...fields,
  };
}
