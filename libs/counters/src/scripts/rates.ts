import { CELLS } from '#domain/rate/sliding-minute';

/** As long as the oldest second that still counts may be asked for, and so long again that it is seldom moved on. */
const NEEDED = 62_000;
const CELLS_LIFE = 10 * NEEDED;

/*
 * The seconds of the last minute, as in `libs/domain/src/rate/sliding-minute.ts`. The one that is passing is in the till; those
 * before it are cells of one text, each with the second it is of, so that an old one need not be wiped.
 */
export function writeCell(second: string, requests: string, tokens: string): string {
  return `
    redis.call('SETRANGE', CELLS, ${second} % ${CELLS} * 16, struct.pack('>I4I4d', ${second}, ${requests}, ${tokens}))
    if till[CELLS_KEPT] - now < ${NEEDED} then
      till[CELLS_KEPT] = now + ${CELLS_LIFE}
      redis.call('PEXPIRE', CELLS, '${CELLS_LIFE}')
    end`;
}

/** With each that is there from \`first\` to \`last\`: its \`second\`, \`requests\` and \`tokens\`. */
export function forCells(does: string): string {
  return `
    while first <= last do
      local place = first % ${CELLS}
      local count = math.min(last - first + 1, ${CELLS} - place)
      local cells = redis.call('GETRANGE', CELLS, place * 16, (place + count) * 16 - 1)
      for i = 0, #cells / 16 - 1 do
        local second, requests, tokens = struct.unpack('>I4I4d', cells, i * 16 + 1)
        if second == first + i then ${does} end
      end
      first = first + count
    end`;
}

/** Brings the sums up to now: \`moved\` where that is to be written. A clock that goes back is not followed. */
export const ADVANCE = `
local moved = false
if math.floor(now / 1000) > till[SECOND] then
  local before, passing = till[SECOND], math.floor(now / 1000)
  till[SECOND] = passing
  -- A till that was lost knows nothing of these.
  if before == 0 then
    redis.call('DEL', CELLS)
    till[COUNTED_SINCE] = now
  end
  if till[REQUESTS] > 0 or till[TOKENS] > 0 then
    if passing - before < ${CELLS} then
      local first, last = before - ${CELLS - 1}, passing - ${CELLS}
      ${forCells('till[REQUESTS], till[TOKENS] = till[REQUESTS] - requests, till[TOKENS] - tokens')}
      ${writeCell('before', 'till[NOW_REQUESTS]', 'till[NOW_TOKENS]')}
    else
      till[REQUESTS], till[TOKENS] = 0, 0
    end
    till[NOW_REQUESTS], till[NOW_TOKENS] = 0, 0
    moved = true
  end
end`;

/** By \`requests_off\` and \`tokens_off\`, in \`second\`: one that no longer counts stays as it is, and none becomes less than nothing. */
export const CORRECT = `
if second == till[SECOND] then
  local requests, tokens = till[NOW_REQUESTS], till[NOW_TOKENS]
  till[NOW_REQUESTS], till[NOW_TOKENS] = math.max(0, requests + requests_off), math.max(0, tokens + tokens_off)
  till[REQUESTS] = till[REQUESTS] + till[NOW_REQUESTS] - requests
  till[TOKENS] = till[TOKENS] + till[NOW_TOKENS] - tokens
elseif second < till[SECOND] and second > till[SECOND] - ${CELLS} then
  local cell = redis.call('GETRANGE', CELLS, second % ${CELLS} * 16, second % ${CELLS} * 16 + 15)
  local of, requests, tokens = 0, 0, 0
  if #cell == 16 then of, requests, tokens = struct.unpack('>I4I4d', cell) end
  if of ~= second then requests, tokens = 0, 0 end
  local requests_are, tokens_are = math.max(0, requests + requests_off), math.max(0, tokens + tokens_off)
  till[REQUESTS], till[TOKENS] = till[REQUESTS] + requests_are - requests, till[TOKENS] + tokens_are - tokens
  ${writeCell('second', 'requests_are', 'tokens_are')}
end`;

/** \`retry_at\`: when \`excess\` of what \`by\` counts will have gone, if nothing else comes; 0: never. */
export const RETRY = `
local retry_at = 0
do
  local first, last = till[SECOND] - ${CELLS - 1}, till[SECOND] - 1
  ${forCells(`
    if excess > 0 then
      excess = excess - (by == 'rpm' and requests or tokens)
      if excess <= 0 then retry_at = (second + ${CELLS}) * 1000 end
    end`)}
  if excess > 0 and excess <= till[by == 'rpm' and NOW_REQUESTS or NOW_TOKENS] then
    retry_at = (till[SECOND] + ${CELLS}) * 1000
  end
end`;
