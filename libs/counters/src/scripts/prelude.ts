import { CLAIM_LIFE, CLAIMS_AT_ONCE, HOLD_LIFE, REFILL_LOCK, REVISION_PATIENCE } from '#domain/budget/reservation';
import { CELLS } from '#domain/rate/sliding-minute';

/** Redis's own clock: the one clock all gateways share. */
export const REDIS_CLOCK = `
local passed = redis.call('TIME')
local now = passed[1] * 1000 + math.floor(passed[2] / 1000)`;

/** Idle tills vanish. Their slices are then waste until the bank takes them back, so not soon. */
const TILL_LIFE = 86_400_000;
/** Holds are found by whoever sweeps up after a dead gateway. */
const HOLDS_LIFE = 3_600_000;
const RATE_LIFE = 62_000;

/**
 * What the scripts of a till share: the same rules as `libs/domain/src/budget/till.ts`, and tested against it. A till is
 * one packed value, because reading a field of a hash costs more than unpacking all of it. Rates are a hash of seconds.
 */
export const PRELUDE = `
local TILL, HOLDS, LIVE, RATE = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local EPOCH, RUN, LEASE, REVISION, REVISED, LOCKED, FILLED, USED, GENERATIONS = 1, 2, 3, 4, 5, 6, 7, 8, 9
local SLOTS = 9
local ID, WINDOW, SLICE, HELD, GENERATION, GRANT, LIMIT, FREE, OUTSIDE = 1, 2, 3, 4, 5, 6, 7, 8, 9

local function read_till()
  local packed = redis.call('GET', TILL)
  if packed then return cmsgpack.unpack(packed) end
  return {0, '', 0, 0, 0, 0, 0, 0, 0, false, false, false, false, false}
end

local function write_till(till)
  redis.call('SET', TILL, cmsgpack.pack(till), 'PX', ${TILL_LIFE})
end

local function patience_is_over(till)
  return now - till[REVISED] > ${REVISION_PATIENCE}
end

local function take_all(slot)
  local taken = math.max(0, slot[SLICE])
  slot[SLICE] = slot[SLICE] - taken
  return taken
end

local rate
local function read_rate()
  if rate then return rate end
  local second = math.floor(now / 1000)
  local head = redis.call('HMGET', RATE, 's', 'r', 't', 'r' .. second, 't' .. second)
  rate = { second = tonumber(head[1]) or second, r = tonumber(head[2]) or 0, t = tonumber(head[3]) or 0 }
  rate.is_new = not head[1]
  rate.is_fresh = rate.is_new or second > rate.second
  if second >= rate.second then
    rate.cell_r, rate.cell_t = tonumber(head[4]) or 0, tonumber(head[5]) or 0
  else
    rate.cell_r = tonumber(redis.call('HGET', RATE, 'r' .. rate.second)) or 0
    rate.cell_t = tonumber(redis.call('HGET', RATE, 't' .. rate.second)) or 0
  end
  if second > rate.second then
    local gone = {}
    for i = rate.second - ${CELLS - 1}, math.min(rate.second, second - ${CELLS}) do
      gone[#gone + 1] = 'r' .. i
      gone[#gone + 1] = 't' .. i
    end
    local values = redis.call('HMGET', RATE, unpack(gone))
    local found = false
    for i = 1, #gone, 2 do
      rate.r = rate.r - (tonumber(values[i]) or 0)
      rate.t = rate.t - (tonumber(values[i + 1]) or 0)
      found = found or values[i] or values[i + 1]
    end
    rate.second = second
    if found then
      redis.call('HDEL', RATE, unpack(gone))
      redis.call('HSET', RATE, 's', second, 'r', rate.r, 't', rate.t)
    end
  end
  return rate
end

local function count(tokens)
  rate.r, rate.t = rate.r + 1, rate.t + tokens
  redis.call('HSET', RATE, 's', rate.second, 'r', rate.r, 't', rate.t,
    'r' .. rate.second, rate.cell_r + 1, 't' .. rate.second, rate.cell_t + tokens)
  -- Once a second is enough: a second counts for 61 more.
  if rate.is_fresh then redis.call('PEXPIRE', RATE, ${RATE_LIFE}) end
end

local function correct(kind, second, difference)
  if difference == 0 or second > rate.second or second <= rate.second - ${CELLS} then return end
  local before = tonumber(redis.call('HGET', RATE, kind .. second)) or 0
  local after = math.max(0, before + difference)
  rate[kind] = rate[kind] + after - before
  redis.call('HSET', RATE, 's', rate.second, kind .. second, after, kind, rate[kind])
  if rate.is_new then redis.call('PEXPIRE', RATE, ${RATE_LIFE}) end
end

local function retry_at(kind, amount, limit)
  local excess = rate[kind] + amount - limit
  local first = rate.second - ${CELLS - 1}
  local names = {}
  for i = first, rate.second do names[#names + 1] = kind .. i end
  local values = redis.call('HMGET', RATE, unpack(names))
  for i = 1, #names do
    excess = excess - (tonumber(values[i]) or 0)
    if excess <= 0 then return (first + i - 1 + ${CELLS}) * 1000 end
  end
  return 0
end

-- One text and not a nested list: reading that would cost the gateway more than everything else it does with Redis.
local function facts(till, live)
  local counted = read_rate()
  local parts = { string.format('%.0f,%.0f,%.0f,%.0f,%.0f,%.0f,%.0f', now, till[EPOCH], till[LEASE], till[FILLED],
    counted.r, counted.t, live or redis.call('ZCARD', LIVE)) }
  for i = 1, 5 do
    local slot = till[SLOTS + i]
    parts[i + 1] = slot and string.format('%s,%.0f,%.0f,%.0f,%.0f,%s,%s,%s', slot[ID], slot[WINDOW], slot[SLICE], slot[HELD],
      slot[GRANT], slot[LIMIT], slot[FREE], slot[OUTSIDE]) or ''
  end
  return table.concat(parts, ';')
end

local function expire_holds()
  redis.call('PEXPIRE', HOLDS, ${HOLDS_LIFE})
  redis.call('PEXPIRE', LIVE, ${HOLDS_LIFE})
end

local function claim()
  local claims = {}
  local dead = redis.call('ZRANGEBYSCORE', LIVE, '-inf', now, 'LIMIT', 0, ${CLAIMS_AT_ONCE})
  for _, request in ipairs(dead) do
    local packed = redis.call('HGET', HOLDS, request)
    local hold = packed and cmsgpack.unpack(packed)
    if hold and hold[4] then
      redis.call('ZADD', LIVE, now + ${CLAIM_LIFE}, request)
      claims[#claims + 1] = { request, hold[1], hold[2], hold[3] }
    else
      redis.call('ZREM', LIVE, request)
      redis.call('HDEL', HOLDS, request)
    end
  end
  return claims
end
`;

export const HOLD_DEADLINE = `now + ${HOLD_LIFE}`;
export const LOCK_END = `now + ${REFILL_LOCK}`;
