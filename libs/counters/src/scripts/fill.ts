import { FIRST_SLOT, FORMAT, SLOT_SIZE } from './layout.js';
import { BASE, CLAIMS, PATIENCE_IS_OVER, read, write } from './prelude.js';
import { ADVANCE } from './rates.js';

/**
 * What the bank has granted. Arguments: run, the epoch it was asked with, the epoch granted, end of the lease, revision; then
 * for each slot id ('' for none), window, granted, limit, free, outside.
 */
export const FILL = `
local run, asked, epoch = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local lease, revision = tonumber(ARGV[4]), tonumber(ARGV[5])
${read(`'s'`, `'run'`)}
if epoch < till[EPOCH] or (epoch == asked and till[EPOCH] ~= asked) then return 0 end
for place = #format, ${FORMAT.length - 1} do till[place] = 0 end
local texts = {}
for text in string.gmatch((kept[2] or ';;;;') .. ';', '([^;]*);') do texts[#texts + 1] = text end
if epoch > till[EPOCH] then
  till[EPOCH], kept[3], till[LEASE] = epoch, run, 0
  for i = 1, 5 do
    local slot = ${BASE}
    till[slot + SLICE], till[slot + HELD], till[slot + GRANT] = 0, 0, 0
  end
end
till[LEASE] = math.max(till[LEASE], lease)
till[LOCKED] = 0
local behind = revision < till[REVISION] and not (${PATIENCE_IS_OVER})
local revised = revision ~= till[REVISION] and not behind
if revised then till[REVISION], till[REVISED] = revision, now end
for i = 1, 5 do
  local at = i * 6
  local id, window, granted = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local slot = ${BASE}
  local is_there = till[slot + GENERATION] > 0
  if id == '' then
    if revised then
      for place = slot + 1, slot + ${SLOT_SIZE} do till[place] = 0 end
      texts[i] = ''
    end
  else
    local is_new = not is_there or string.match(texts[i], '^[^,]*') ~= id
    -- For a bucket that is over: what was granted to it is left to the bank.
    local is_over = is_new and (behind or (is_there and till[slot + WINDOW] > window and not revised))
    if not is_over then
      if is_new then
        till[GENERATIONS] = till[GENERATIONS] + 1
        till[slot + WINDOW], till[slot + SLICE], till[slot + HELD], till[slot + GRANT] = window, 0, 0, 0
        till[slot + GENERATION] = till[GENERATIONS]
      end
      till[slot + SLICE] = till[slot + SLICE] + granted
      if granted > 0 then till[slot + GRANT], till[FILLED] = granted, now end
      texts[i] = table.concat({ id, ARGV[at + 3], ARGV[at + 4], ARGV[at + 5] }, ',')
    end
  end
end
slots = 5
while slots > 0 and texts[slots] == '' do slots = slots - 1 end
format = string.sub('${FORMAT}', 1, ${FIRST_SLOT + 1} + slots * ${SLOT_SIZE})
local packed
${write(`, 's', table.concat(texts, ';'), 'run', kept[3]`)}
return 1
`;

/** Gives slices back that nobody has used for so long. Arguments: epoch, idle milliseconds, for each slot whether. */
export const TAKE = `
${read()}
if till[EPOCH] == 0 or tonumber(ARGV[1]) ~= till[EPOCH] or now - till[USED] < tonumber(ARGV[2]) then return {} end
local taken = { 0, 0, 0, 0, 0 }
for i = 1, slots do
  local slot = ${BASE}
  if ARGV[2 + i] == '1' then
    taken[i] = math.max(0, till[slot + SLICE])
    till[slot + SLICE], till[slot + GRANT] = till[slot + SLICE] - taken[i], 0
  end
end
local packed
${write()}
return taken
`;

export const LOOK = `
${read(`'s'`)}
${ADVANCE}
local packed = struct.pack(format, unpack(till, 1, #format - 1))
return { now, redis.call('ZCARD', LIVE), packed, kept[2] or '' }
`;

/** For who sweeps up after dead gateways. */
export const CLAIM = `${CLAIMS}
return claims
`;
