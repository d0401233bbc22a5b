import { CELLS } from '#domain/rate/sliding-minute';
import { read, write } from './prelude.js';
import { ADVANCE, forCells, writeCell } from './rates.js';

const CELL = '>I4I4d';
const BEFORE = CELLS - 1;

/**
 * Somebody tells a count, which may have forgotten it, what it knows: the same as `told-minute.ts`. Arguments: of which count
 * that was; how many cells of what everybody admitted, those, and those of what only the teller has admitted; each second,
 * requests, tokens. What is known of a count that is lost was before everything in this one: it is kept beside it (`told`),
 * so that of several who know of it the last one counts, and what was let in since counts as well.
 */
export const TELL = `
${read(`'told'`)}
${ADVANCE}
local is_same = kept[1] and tonumber(ARGV[1]) == till[COUNTED_SINCE]
local there, old, known, own = {}, {}, {}, {}
do
  local first, last = till[SECOND] - ${BEFORE}, till[SECOND] - 1
  ${forCells('there[second] = { requests, tokens }')}
end
there[till[SECOND]] = { till[NOW_REQUESTS], till[NOW_TOKENS] }
for at = 1, #(kept[2] or ''), 16 do
  local second, requests, tokens = struct.unpack('${CELL}', kept[2], at)
  old[second] = { requests, tokens }
end
local many = tonumber(ARGV[2])
for i = 3, #ARGV, 3 do
  local cells = i <= many * 3 + 2 and known or own
  local second = math.min(tonumber(ARGV[i]), till[SECOND])
  local cell = cells[second] or { 0, 0 }
  cells[second] = { cell[1] + tonumber(ARGV[i + 1]), cell[2] + tonumber(ARGV[i + 2]) }
end

local none, cells, base = { 0, 0 }, {}, {}
for second = till[SECOND] - ${BEFORE}, till[SECOND] do cells[second], base[second] = { 0, 0 }, { 0, 0 } end
local sums = { 0, 0 }
for which = 1, 2 do
  local here, told, before = 0, 0, 0
  for second = till[SECOND], till[SECOND] - ${BEFORE}, -1 do
    local cell = (there[second] or none)[which]
    local was = is_same and cell or (old[second] or none)[which]
    here, told = here + was, told + (known[second] or none)[which]
    local all = math.max(here, told)
    base[second][which] = all - before
    cells[second][which] = math.max(0, cell + all - before - was) + (own[second] or none)[which]
    sums[which] = sums[which] + cells[second][which]
    before = all
  end
end
till[REQUESTS], till[TOKENS] = sums[1], sums[2]
till[NOW_REQUESTS], till[NOW_TOKENS] = cells[till[SECOND]][1], cells[till[SECOND]][2]
local texts = {}
for second = till[SECOND] - ${BEFORE}, till[SECOND] do
  local requests, tokens = cells[second][1], cells[second][2]
  local was = there[second] or none
  if second < till[SECOND] and (requests ~= was[1] or tokens ~= was[2]) then ${writeCell('second', 'requests', 'tokens')} end
  if base[second][1] + base[second][2] > 0 then
    texts[#texts + 1] = struct.pack('${CELL}', second, base[second][1], base[second][2])
  end
end
local packed
if is_same then ${write()} else ${write(`, 'told', table.concat(texts)`)} end
return { now, redis.call('ZCARD', LIVE), packed, '' }
`;
