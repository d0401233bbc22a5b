import type { Leases } from '#domain/budget/leases';
import { CLAIMS_AT_ONCE, REFILL_LOCK, REVISION_PATIENCE } from '#domain/budget/reservation';
import { FIRST_SLOT, FORMAT, SLOT_SIZE } from './layout.js';

/** Redis's own clock: the one clock all gateways share. */
export const REDIS_CLOCK = `
local passed = redis.call('TIME')
local now = passed[1] * 1000 + math.floor(passed[2] / 1000)`;

/** How long a hold of the dead is left to who claims it, as the scripts know it. */
export function claimOf({ claim }: Leases): string {
  return `
local CLAIM_LIFE = ${claim}`;
}

/** Idle tills vanish. Their slices are then waste until the bank takes them back, so not soon. */
const TILL_LIFE = 86_400_000;
/** Holds are found by whoever sweeps up after a dead gateway; none lives longer than an hour without being extended. */
const LIVE_LIFE = 7_200_000;

/*
 * What the scripts of a till are made of: the same rules as `libs/domain/src/budget/till.ts`, and tested against it. A till is one
 * hash: its numbers packed (`n`), the text of its slots (`s`), the life of its server (`run`), and each hold under the id of its
 * request. Three things cost more here than all the arithmetic, so there are few of each: commands that write (they go to Redis's
 * log as well), long texts (each is hashed to its last byte), and functions (each is made anew in every run, and collected).
 */
export const PLACES_OF_A_KEY = `
local TILL, LIVE, CELLS = KEYS[1], KEYS[2], KEYS[3]
`;

/** The fields named after \`n\` are in \`kept\` as well. */
export function read(...fields: string[]): string {
  return `
local kept = redis.call('HMGET', TILL, ${["'n'", ...fields].join(', ')})
local format = string.sub('${FORMAT}', 1, kept[1] and #kept[1] / 8 + 1 or ${FIRST_SLOT + 1})
local slots = (#format - ${FIRST_SLOT + 1}) / ${SLOT_SIZE}
local till = kept[1] and { struct.unpack(format, kept[1]) } or { ${Array(FIRST_SLOT).fill('0').join(', ')} }
`;
}

/** With further fields, each after a comma. What is written is in \`packed\`. */
export function write(fields = ''): string {
  return `
do
  -- Once in half its life is enough.
  local is_ending = till[KEPT] - now < ${TILL_LIFE / 2}
  if is_ending then till[KEPT] = now + ${TILL_LIFE} end
  packed = struct.pack(format, unpack(till, 1, #format - 1))
  redis.call('HSET', TILL, 'n', packed${fields})
  if is_ending then redis.call('PEXPIRE', TILL, '${TILL_LIFE}') end
end`;
}

export const BASE = `${FIRST_SLOT - SLOT_SIZE} + ${SLOT_SIZE} * i`;
export const PATIENCE_IS_OVER = `now - till[REVISED] > ${REVISION_PATIENCE}`;
export const EXPIRE_LIVE = `redis.call('PEXPIRE', LIVE, '${LIVE_LIFE}')`;
export const LOCK_END = `now + ${REFILL_LOCK}`;

/** A hold: its epoch, its amount, the generation in each slot that it was taken from (or 0), and its memo. */
export const HOLD = '>ddddddd';

export const CLAIMS = `
local claims = redis.call('ZRANGEBYSCORE', LIVE, '-inf', string.format('%d', now), 'LIMIT', '0', '${CLAIMS_AT_ONCE}')
if #claims > 0 then
  local dead = claims
  claims = {}
  for _, request in ipairs(dead) do
    local hold = redis.call('HGET', TILL, request)
    local epoch, amount, a, b, c, d, e, memo
    if hold then epoch, amount, a, b, c, d, e, memo = struct.unpack('${HOLD}', hold) end
    if hold and a + b + c + d + e > 0 then
      redis.call('ZADD', LIVE, now + CLAIM_LIFE, request)
      claims[#claims + 1] = { request, epoch, amount, string.sub(hold, memo) }
    else
      redis.call('ZREM', LIVE, request)
      redis.call('HDEL', TILL, request)
    end
  end
end`;
