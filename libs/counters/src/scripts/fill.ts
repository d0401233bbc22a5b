/**
 * What the bank has granted. Arguments: run, the epoch it was asked with, the epoch granted, end of the lease, revision; then
 * for each slot id ('' for none), window, granted, limit, free, outside.
 */
export const FILL = `
local run, asked, epoch = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local lease, revision = tonumber(ARGV[4]), tonumber(ARGV[5])
local till = read_till()
if epoch < till[EPOCH] or (epoch == asked and till[EPOCH] ~= asked) then return 0 end
if epoch > till[EPOCH] then
  till[EPOCH], till[RUN], till[LEASE] = epoch, run, 0
  for i = 1, 5 do
    local slot = till[SLOTS + i]
    if slot then slot[SLICE], slot[HELD], slot[GRANT] = 0, 0, 0 end
  end
end
till[LEASE] = math.max(till[LEASE], lease)
till[LOCKED], till[FILLED] = 0, now
local behind = revision < till[REVISION] and not patience_is_over(till)
local revised = revision ~= till[REVISION] and not behind
if revised then till[REVISION], till[REVISED] = revision, now end
for i = 1, 5 do
  local at = i * 6
  local id, window, granted = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local slot = till[SLOTS + i]
  if id == '' then
    if revised then till[SLOTS + i] = false end
  else
    local is_new = not slot or slot[ID] ~= id
    -- For a bucket that is over: what was granted to it is left to the bank.
    local is_over = is_new and (behind or (slot and slot[WINDOW] > window and not revised))
    if not is_over then
      if is_new then
        till[GENERATIONS] = till[GENERATIONS] + 1
        slot = { id, window, 0, 0, till[GENERATIONS], 0, '', '', '' }
        till[SLOTS + i] = slot
      end
      slot[SLICE] = slot[SLICE] + granted
      if granted > 0 then slot[GRANT] = granted end
      slot[LIMIT], slot[FREE], slot[OUTSIDE] = ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
    end
  end
end
write_till(till)
return 1
`;

/** Gives slices back that nobody has used for so long. Arguments: epoch, idle milliseconds, for each slot whether. */
export const TAKE = `
local till = read_till()
if till[EPOCH] == 0 or tonumber(ARGV[1]) ~= till[EPOCH] or now - till[USED] < tonumber(ARGV[2]) then return {} end
local taken = {}
for i = 1, 5 do
  local slot = till[SLOTS + i]
  taken[i] = slot and ARGV[2 + i] == '1' and take_all(slot) or 0
end
write_till(till)
return taken
`;

export const LOOK = 'return facts(read_till())';

/** For who sweeps up after dead gateways. */
export const CLAIM = 'return claim()';
