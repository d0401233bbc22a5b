import { BASE, CLAIMS, EXPIRE_LIVE, HOLD, LOCK_END, PATIENCE_IS_OVER, read, write } from './prelude.js';
import { ADVANCE, RETRY } from './rates.js';

/**
 * All or nothing: rates, places, every bucket. Arguments: request, run, revision, latest moment, amount, tokens, rpm, tpm,
 * parallel (-1 for no limit), memo; then for each slot the id ('' for none), the window, and whether it is charged; at last
 * whether the holds of the dead are left to others, and how long the hold lives.
 */
export const RESERVE = `
local request, run, revision, latest = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local amount, tokens = tonumber(ARGV[5]), tonumber(ARGV[6])
local rpm, tpm, parallel = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

-- Whoever asked has stopped waiting: a hold now would have no owner.
if now > latest then return { 'late', now } end
${read(`'s'`, `'run'`)}
local texts = kept[2] or ''
${CLAIMS.replace('local claims =', `local claims = ARGV[26] == '1' and {} or`)}
local live = redis.call('ZCARD', LIVE)
${ADVANCE}
local packed
local by, excess = false, 0
if rpm >= 0 and till[REQUESTS] + 1 > rpm then by, excess = 'rpm', till[REQUESTS] + 1 - rpm
elseif tpm >= 0 and till[TOKENS] + tokens > tpm then by, excess = 'tpm', till[TOKENS] + tokens - tpm
elseif parallel >= 0 and live >= parallel then by = 'parallel' end

local money, why, short = false, false, -1
local hold = { till[EPOCH], amount, 0, 0, 0, 0, 0 }
if not by then
  for i = 11, 23, 3 do money = money or ARGV[i] ~= '' end
end
if money then
  if till[EPOCH] == 0 or kept[3] ~= run or till[LEASE] <= now then why = 'open'
  elseif revision > till[REVISION] then why = 'changed'
  elseif revision < till[REVISION] then why = ${PATIENCE_IS_OVER} and 'changed'
  else
    for i = 1, 5 do
      local slot = ${BASE}
      if ARGV[8 + i * 3] ~= '' and (i > slots or till[slot + GENERATION] == 0 or till[slot + WINDOW] < tonumber(ARGV[9 + i * 3])) then
        why = 'open'
      end
    end
  end
  if not why then
    for i = 1, slots do
      local slot = ${BASE}
      if ARGV[10 + i * 3] == '1' and till[slot + GENERATION] > 0 then
        hold[2 + i] = till[slot + GENERATION]
        if not why and till[slot + SLICE] < amount then why, short = 'short', i - 1 end
      end
    end
  end
end

local returned = { 0, 0, 0, 0, 0 }
if why == 'changed' then
  moved = true
  for i = 1, slots do
    local slot = ${BASE}
    returned[i] = math.max(0, till[slot + SLICE])
    till[slot + SLICE], till[slot + GRANT] = till[slot + SLICE] - returned[i], 0
  end
end
if by or why then
  -- What was not let in leaves no trace, but for what time has done.
  if moved then ${write()} else packed = kept[1] and struct.pack(format, unpack(till, 1, #format - 1)) or '' end
  if why then return { 'refill', now, live, packed, texts, claims, why, short, returned } end
  if by == 'parallel' then return { 'limited', now, live, packed, texts, claims, by, now + 1000 } end
  ${RETRY}
  return { 'limited', now, live, packed, texts, claims, by, retry_at }
end

local low = false
if money then
  till[USED] = now
  for i = 1, slots do
    if hold[2 + i] > 0 then
      local slot = ${BASE}
      till[slot + SLICE] = till[slot + SLICE] - amount
      till[slot + HELD] = till[slot + HELD] + amount
      low = low or till[slot + SLICE] * 2 < till[slot + GRANT]
    end
  end
  low = low and till[LOCKED] <= now
  if low then till[LOCKED] = ${LOCK_END} end
end

local second = math.floor(now / 1000)
if rpm >= 0 or tpm >= 0 then
  second = till[SECOND]
  moved = true
  till[REQUESTS], till[TOKENS] = till[REQUESTS] + 1, till[TOKENS] + tokens
  till[NOW_REQUESTS], till[NOW_TOKENS] = till[NOW_REQUESTS] + 1, till[NOW_TOKENS] + tokens
end
if money or parallel >= 0 then
  ${write(`, request, struct.pack('${HOLD}', unpack(hold)) .. ARGV[10]`)}
  redis.call('ZADD', LIVE, string.format('%d', now + ARGV[27]), request)
  -- Now and then is enough: what lives long is extended, and that moves it on as well.
  if live == 0 or second % 10 == 0 then ${EXPIRE_LIVE} end
  live = live + 1
elseif moved then ${write()}
else packed = kept[1] or '' end
return { 'held', now, live, packed, texts, claims, second, low and 1 or 0 }
`;
