import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REFUSALS, type RefusalCode, type RefusalFacts, Refused } from '#contracts/refusals';
import type { Profile } from '#runtime/profiles';
import { Exchange } from '../../apps/gateway/src/edge/exchange.js';
import { SDKS, type Thrown } from '../sdks.js';

/** What only the admin API says. Every other refusal can meet an API client. */
const OF_THE_ADMIN_API: readonly string[] = [
  'unauthenticated',
  'invalid_signature',
  'invalid_credentials',
  'forbidden',
  'cross_origin',
  'plan_limit_reached',
  'too_many_attempts',
  'new_expiry_needed',
  'conflict',
  'precondition_failed',
  'idempotency_mismatch',
];
const EDGE_CODES = (Object.keys(REFUSALS) as RefusalCode[]).filter((code) => !OF_THE_ADMIN_API.includes(code));

/** Statuses as most profiles have them, and as the one does that takes money for a matter of policy. */
const USUAL: Profile['status'] = { spendLimit: 402, keyInactive: 401 };
const POLICY: Profile['status'] = { spendLimit: 403, keyInactive: 403 };

const FORMATS = [
  { format: 'openai', profile: { errors: 'openai', status: USUAL }, accept: undefined },
  { format: 'envelope', profile: { errors: 'envelope', status: USUAL }, accept: undefined },
  { format: 'flat', profile: { errors: 'flat', status: POLICY }, accept: undefined },
  { format: 'problem', profile: { errors: 'openai', status: USUAL }, accept: 'application/problem+json' },
] as const;

type Format = (typeof FORMATS)[number]['format'];

/** Where OpenAI's SDKs look for a message. Elsewhere they show the status, and the headers have the code. */
const SHOWN_BY_OPENAI: readonly Format[] = ['openai', 'envelope'];
const ENVELOPE_MESSAGES: Partial<Record<RefusalCode, string>> = {
  missing_api_key: 'API key is required',
  invalid_api_key: 'The provided API key is invalid',
  key_expired: 'The API key has expired',
};

/** Whoever has no money or no right has none in a second: only these are worth another try. */
const WORTH_ANOTHER: readonly RefusalCode[] = [
  'rate_limit_exceeded',
  'token_rate_limit_exceeded',
  'concurrency_limit_exceeded',
  'upstream_error',
  'upstream_timeout',
  'service_unavailable',
  'internal_error',
];

/** The gateway's own rendering and headers, for refusals that are decided elsewhere or not at all yet. */
let server: Server;
let url: string;
let refusal: { readonly code: RefusalCode; readonly facts: RefusalFacts };
let profile: Pick<Profile, 'errors' | 'status'>;
let asked = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked++;
    request.resume();
    const exchange = new Exchange(request, response);
    // Nobody has to wait in a test, where a refusal has no time of its own to name.
    exchange.extraHeaders = { 'retry-after-ms': '1' };
    exchange.profile = profile as Profile;
    exchange.refuse(new Refused(refusal.code, refusal.facts), profile as Profile);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server?.closeAllConnections();
  server?.close();
});

async function refused(
  sdk: (typeof SDKS)[number],
  how: (typeof FORMATS)[number],
  code: RefusalCode,
  facts: RefusalFacts = { details: { retry_after_ms: 1 } },
): Promise<Thrown & { seen: number }> {
  asked = 0;
  refusal = { code, facts };
  profile = how.profile;
  const headers = how.accept ? { accept: how.accept } : undefined;
  const thrown = await sdk.failing({ url, key: 'kw_x', model: 'fake', headers });
  if (!thrown) throw new Error('nothing was thrown');
  return { ...thrown, seen: asked };
}

function statusOf(code: RefusalCode, { profile: { status } }: (typeof FORMATS)[number]): number {
  if (code === 'key_disabled') return status.keyInactive;
  const isMoney = code === 'spend_limit_reached' || code === 'period_spend_limit_reached';
  return isMoney || code === 'insufficient_credits' ? status.spendLimit : REFUSALS[code][0];
}

describe.each(SDKS)('$name', (sdk) => {
  // Anthropic's endpoint answers in one format, because its SDK reads no other.
  const formats = sdk.dialect === 'anthropic' ? FORMATS.slice(0, 1) : FORMATS;
  const cases = formats.flatMap((how) => EDGE_CODES.map((code) => ({ format: how.format, code, how })));

  it.each(cases)('$format $code: the right class, told why, and asked again only where that helps', async (each) => {
    const { format, code, how } = each;
    const thrown = await refused(sdk, how, code);
    const status = statusOf(code, how);
    const message = (format === 'envelope' && ENVELOPE_MESSAGES[code]) || REFUSALS[code][2];
    expect(thrown).toMatchObject({ status, class: sdk.classOf(status) });
    expect(thrown.header('x-keyward-error-code')).toBe(code);
    expect(thrown.requestId).toMatch(/^req_/);
    if (sdk.dialect === 'anthropic' || SHOWN_BY_OPENAI.includes(format)) expect(thrown.message).toContain(message);
    if (format === 'openai') expect(thrown).toMatchObject({ code, type: REFUSALS[code][1] });
    // Twice more, as all of them do if they are not told otherwise.
    expect(thrown.seen).toBe(WORTH_ANOTHER.includes(code) ? 3 : 1);
  });

  it('does not sleep for an hour: a long wait is told, and not waited for', async () => {
    const start = performance.now();
    for (const how of formats) {
      const limit = await refused(sdk, how, 'rate_limit_exceeded', { details: { retry_after_ms: 3_600_000 } });
      expect(limit).toMatchObject({ class: 'RateLimitError', seen: 1 });
      expect(limit.header('retry-after')).toBe('3600');
      const resets_at = new Date(Date.now() + 86_400_000).toISOString();
      const period = await refused(sdk, how, 'period_spend_limit_reached', { details: { resets_at } });
      expect(period.seen).toBe(1);
      expect(Number(period.header('retry-after'))).toBeGreaterThan(86_000);
    }
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('waits as long as it is told, where that is short', async () => {
    const start = performance.now();
    const limit = await refused(sdk, FORMATS[0], 'rate_limit_exceeded', { details: { retry_after_ms: 150 } });
    expect(limit.seen).toBe(3);
    expect(performance.now() - start).toBeGreaterThan(290);
  });
});
