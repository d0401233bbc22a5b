import { EXPIRE_LIVE, read, write } from './prelude.js';
import { ADVANCE, CORRECT } from './rates.js';

/** As `inAdvance` of `libs/domain/src/rate/allotment.ts` says. */
function inAdvance(limit: string, used: string, wanted: string): string {
  return `(${limit} < 0 and ${wanted} or math.max(0, math.min(${wanted}, math.floor((${limit} * 0.75 - ${used}) / 2))))`;
}

/**
 * So much in advance that a gateway does not have to ask for each request. Arguments: latest moment, rpm, tpm, parallel (-1 for no
 * limit), requests and tokens wanted, who keeps places, how many it has and how many it would like to have, how long they live; then of each
 * correction the second, the requests, the tokens.
 */
export const AHEAD = `
local latest, rpm, tpm, parallel = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local wanted_requests, wanted_tokens = tonumber(ARGV[5]), tonumber(ARGV[6])
local holder, has, places = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])

-- Whoever asked has stopped waiting: what is counted now would be nobody's.
if now > latest then return { 'late', now } end
${read()}
${ADVANCE}
for i = 11, #ARGV, 3 do
  local second, requests_off, tokens_off = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  ${CORRECT}
end
local more_requests = ${inAdvance('rpm', 'till[REQUESTS]', 'wanted_requests')}
local more_tokens = ${inAdvance('tpm', 'till[TOKENS]', 'wanted_tokens')}
if more_requests == 0 or more_tokens == 0 then more_requests, more_tokens = 0, 0 end
till[REQUESTS], till[TOKENS] = till[REQUESTS] + more_requests, till[TOKENS] + more_tokens
till[NOW_REQUESTS], till[NOW_TOKENS] = till[NOW_REQUESTS] + more_requests, till[NOW_TOKENS] + more_tokens
local packed
${write()}

local live, wished = redis.call('ZCARD', LIVE), math.max(0, places - has)
local keeps = math.min(has, places) + ${inAdvance('parallel', 'live', 'wished')}
local deadline = string.format('%d', now + ARGV[10])
for i = 0, keeps - 1 do redis.call('ZADD', LIVE, deadline, holder .. '/' .. i) end
for i = keeps, has - 1 do redis.call('ZREM', LIVE, holder .. '/' .. i) end
if keeps > 0 then ${EXPIRE_LIVE} end
return { 'ahead', now, till[SECOND], more_requests, more_tokens, keeps, till[REQUESTS], till[TOKENS] }
`;
