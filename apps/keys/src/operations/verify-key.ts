import { Injectable } from '@nestjs/common';
import type { KeysRpc, UsableKey } from '#contracts/keys';
import type { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import { digestOf } from '#domain/key/secret';
import { CALLS_NEED, refusalOf } from '#keyring/refusal-of';
import { Clock } from '#runtime/clock';
import { Keyring } from '../keyring.js';
import { LimitCheck } from '../limit-check.js';
import { ModelCheck } from '../model-check.js';

type Request = Asked<typeof KeysRpc.verifyKey>;
type Answer = Answers<typeof KeysRpc.verifyKey>;

@Injectable()
export class VerifyKey {
  constructor(
    private readonly keyring: Keyring,
    private readonly models: ModelCheck,
    private readonly limits: LimitCheck,
    private readonly clock: Clock,
  ) {}

  async run({ key: secret, scopes = [], model, ip, cost, peek }: Request): Promise<Answer> {
    const now = this.clock.now();
    const { door, uses } = this.keyring;
    const digest = digestOf(secret);
    const key = door.peek(digest) ?? (await door.find(secret, digest, now));
    const needed = model === undefined ? scopes : [...scopes, ...CALLS_NEED];
    const answer = key ? verdict(key, needed, now) : NOTHING;
    if (!key || !answer.valid) return answer;
    uses.note(key, now);
    if (model !== undefined) {
      const denial = await this.models.denialOf(key, { model, ip: ip ?? null, tokens: cost.tokens }, now);
      if (denial) return { ...answer, valid: false, ...denial };
    }
    return { ...answer, ...(await this.limits.check(key, { tokens: cost.tokens, peek }, now)) };
  }
}

const NOTHING: Answer = {
  valid: false,
  code: 'invalid_api_key',
  key_id: null,
  name: null,
  organization_id: null,
  project_id: null,
  scopes: [],
  tags: {},
  expires_at: null,
  rule: null,
  ratelimit: null,
  budget: null,
};

function verdict(key: UsableKey, needed: NonNullable<Request['scopes']>, now: number): Answer {
  const code = codeOf(refusalOf(key, now, needed));
  if (code === 'invalid_api_key') return NOTHING;
  return {
    valid: code === 'valid',
    code,
    key_id: key.key_id,
    name: key.name,
    organization_id: key.organization_id,
    project_id: key.project_id,
    scopes: key.scopes,
    tags: key.tags,
    expires_at: key.expires_at === null ? null : new Date(key.expires_at).toISOString(),
    rule: null,
    ratelimit: null,
    budget: null,
  };
}

function codeOf(refused: Refused | null): Answer['code'] {
  if (refused === null) return 'valid';
  // The only reasons there are to refuse a key by itself; a new one has to be given a code in the contract first.
  const { code } = refused;
  if (code === 'key_disabled' || code === 'key_expired' || code === 'permission_denied') return code;
  return 'invalid_api_key';
}
