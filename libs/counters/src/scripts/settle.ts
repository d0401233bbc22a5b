import { HOLD_DEADLINE } from './prelude.js';

/** Arguments: request, whether it holds, cost, second, requests and tokens beyond what was counted, whether credits are spared. */
export const SETTLE = `
local request, held, cost, second = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4])
local requests_off, tokens_off = tonumber(ARGV[5]), tonumber(ARGV[6])
local own_key = ARGV[7] == '1'

local packed = held and redis.call('HGET', HOLDS, request)
if held and not packed then return 0 end
if requests_off ~= 0 or tokens_off ~= 0 then
  read_rate()
  correct('r', second, requests_off)
  correct('t', second, tokens_off)
end
if not held then return 1 end
redis.call('HDEL', HOLDS, request)
redis.call('ZREM', LIVE, request)
local hold = cmsgpack.unpack(packed)
if not hold[4] then return 1 end
local till = read_till()
if hold[1] ~= till[EPOCH] then return 1 end
for i = 1, 5 do
  local slot = till[SLOTS + i]
  if slot and hold[4 + i] == slot[GENERATION] then
    slot[HELD] = slot[HELD] - hold[2]
    slot[SLICE] = slot[SLICE] + hold[2] - (own_key and i == 5 and 0 or cost)
  end
end
write_till(till)
return 1
`;

/** Moves the deadlines of these requests on; answers those of which nothing is known, after the till's epoch and lease. */
export const EXTEND = `
local unknown = {}
for _, request in ipairs(ARGV) do
  if redis.call('HEXISTS', HOLDS, request) == 1 then redis.call('ZADD', LIVE, ${HOLD_DEADLINE}, request)
  else unknown[#unknown + 1] = request end
end
if #unknown < #ARGV then expire_holds() end
local till = read_till()
return { now, till[EPOCH], till[LEASE], unknown }
`;
