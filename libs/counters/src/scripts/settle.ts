import { BASE, EXPIRE_LIVE, HOLD, read, write } from './prelude.js';
import { ADVANCE, CORRECT } from './rates.js';

/** Arguments: request, whether it holds, cost, second, requests and tokens beyond what was counted, whether credits are spared. */
export const SETTLE = `
local request, held, cost, second = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4])
local requests_off, tokens_off = tonumber(ARGV[5]), tonumber(ARGV[6])
${read('request')}
if held and not kept[2] then return 0 end
local changed = false
if requests_off ~= 0 or tokens_off ~= 0 then
  changed = true
  ${ADVANCE}
  ${CORRECT}
end
if held then
  redis.call('HDEL', TILL, request)
  redis.call('ZREM', LIVE, request)
  local hold = { struct.unpack('${HOLD}', kept[2]) }
  if hold[1] == till[EPOCH] then
    for i = 1, slots do
      local slot = ${BASE}
      if hold[2 + i] > 0 and hold[2 + i] == till[slot + GENERATION] then
        changed = true
        till[slot + HELD] = till[slot + HELD] - hold[2]
        till[slot + SLICE] = till[slot + SLICE] + hold[2] - (i == 5 and ARGV[7] == '1' and 0 or cost)
      end
    end
  end
end
local packed
if changed then ${write()} end
return 1
`;

/** Arguments: how long they live on, requests. Moves their deadlines on; answers those of which nothing is known, after the till's epoch and lease. */
export const EXTEND = `
local unknown = {}
local deadline = string.format('%d', now + ARGV[1])
for i = 2, #ARGV do
  local request = ARGV[i]
  if redis.call('HEXISTS', TILL, request) == 1 then redis.call('ZADD', LIVE, deadline, request)
  else unknown[#unknown + 1] = request end
end
${read()}
local packed
if #unknown < #ARGV - 1 then
  ${EXPIRE_LIVE}
  ${write()}
end
return { now, till[EPOCH], till[LEASE], unknown }
`;
