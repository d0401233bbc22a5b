import { HOLD_DEADLINE, LOCK_END } from './prelude.js';

/**
 * All or nothing: rates, places, every bucket. Arguments: request, run, revision, latest moment, amount, tokens, rpm, tpm,
 * parallel (-1 for no limit), memo; then for each slot the id ('' for none), the window, and whether it is charged; at last
 * whether the holds of the dead are left to others.
 */
export const RESERVE = `
local request, run, revision, latest = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local amount, tokens = tonumber(ARGV[5]), tonumber(ARGV[6])
local rpm, tpm, parallel = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

-- Whoever asked has stopped waiting: a hold now would have no owner.
if now > latest then return { 'late', now } end

local claims = ARGV[26] == '1' and {} or claim()
local live = redis.call('ZCARD', LIVE)
local till = read_till()

if rpm >= 0 and read_rate().r + 1 > rpm then
  return { 'limited', facts(till, live), claims, 'rpm', retry_at('r', 1, rpm) }
end
if tpm >= 0 and read_rate().t + tokens > tpm then
  return { 'limited', facts(till, live), claims, 'tpm', retry_at('t', tokens, tpm) }
end
if parallel >= 0 and live >= parallel then
  return { 'limited', facts(till, live), claims, 'parallel', now + 1000 }
end

local money = false
for i = 0, 4 do money = money or ARGV[11 + i * 3] ~= '' end

local charged = {}
if money then
  local why = false
  if till[EPOCH] == 0 or till[RUN] ~= run or till[LEASE] <= now then why = 'open'
  elseif revision > till[REVISION] then why = 'changed'
  elseif revision < till[REVISION] then why = patience_is_over(till) and 'changed'
  else
    for i = 1, 5 do
      local slot = till[SLOTS + i]
      if ARGV[8 + i * 3] ~= '' and (not slot or slot[WINDOW] < tonumber(ARGV[9 + i * 3])) then why = 'open' end
    end
  end
  local short = -1
  if not why then
    for i = 1, 5 do
      local slot = till[SLOTS + i]
      if not why and slot and ARGV[10 + i * 3] == '1' then
        if slot[SLICE] < amount then why, short = 'short', i - 1 end
        charged[i] = slot
      end
    end
  end
  if why then
    local returned = {}
    for i = 1, 5 do
      local slot = till[SLOTS + i]
      returned[i] = slot and why == 'changed' and take_all(slot) or 0
    end
    if why == 'changed' then write_till(till) end
    return { 'refill', facts(till, live), claims, why, short, returned }
  end
end

local generations, low, any = { 0, 0, 0, 0, 0 }, false, false
for i = 1, 5 do
  local slot = charged[i]
  if slot then
    slot[SLICE] = slot[SLICE] - amount
    slot[HELD] = slot[HELD] + amount
    generations[i] = slot[GENERATION]
    low = low or slot[SLICE] * 2 < slot[GRANT]
    any = true
  end
end
low = low and till[LOCKED] <= now
if low then till[LOCKED] = ${LOCK_END} end
if money then
  till[USED] = now
  write_till(till)
end

local second = math.floor(now / 1000)
if rpm >= 0 or tpm >= 0 then
  read_rate()
  second = rate.second
  count(tokens)
end
if money or parallel >= 0 then
  redis.call('HSET', HOLDS, request, cmsgpack.pack({ till[EPOCH], amount, ARGV[10], any, unpack(generations) }))
  redis.call('ZADD', LIVE, ${HOLD_DEADLINE}, request)
  -- Now and then is enough: what lives long is extended, and that moves it on as well.
  if live == 0 or math.floor(now / 1000) % 10 == 0 then expire_holds() end
  live = live + 1
end
return { 'held', facts(till, live), claims, second, low and 1 or 0 }
`;
