-- Takes a charge of a key back, or a slot whose time hasn't come. A template, as driver.lua.
--
-- KEYS  its state; then per tier the key of its own where the algorithm has one
-- ARGV  1: doubles: 1; of each tier: permits, window in us, capacity; then units, and the moment when they were charged (us)

local key = KEYS[1]
local state = redis.call('GET', key)
if not state then return end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local unpack_numbers, pack_numbers = struct.unpack, struct.pack
local next_key = 2

local _,
--each tier
  permits_N, window_N, capacity_N,
--end
  units, moment = unpack_numbers('<d{ddd}dd', ARGV[1])
local shape, ends, ahead FIELDS
--each tier
local available_N, own_N
--insert setup
--end
--insert read
if not is_known then return end

-- The slots in the order of their moments, and the state before them.
local list = key .. ':slots'
local slots, due, refunded, real_now, real_state, real_ends = {}, 0, units, now, state, ends
local listed = ahead > now and redis.call('GET', list)
if listed then
  local base, length, at = unpack_numbers('<dd', listed)
  local is_found = moment <= now
  if moment > now then refunded = 0 end
  state = string.sub(listed, at, at + length - 1)
  at = at + length
  while at < #listed do
    local slot = {}
    slot[1], slot[2], at = unpack_numbers('<dd', listed, at)
    slot[3] = at
    if not is_found and slot[1] == moment and slot[2] == units then
      is_found = true
    else
      slots[#slots + 1] = slot
    end
  end
  table.sort(slots, function(one, other) return one[1] < other[1] or one[1] == other[1] and one[3] < other[3] end)
  now = base
--insert read
end
--each tier
--insert own
--insert look
--end

local function charge(slot)
  local moment, units, calls, first = slot[1], slot[2], 1, 0
--each tier
--insert charge
--end
end
while slots[due + 1] and slots[due + 1][1] <= real_now do
  due = due + 1
  charge(slots[due])
end
now = real_now
if refunded > 0 then
--each tier
--insert refund
--end
end
if listed then
  ahead = 0
  local before_slots =
--insert pack
  local left = {}
  for number = due + 1, #slots do
    charge(slots[number])
    ahead = slots[number][1]
    left[#left + 1] = pack_numbers('<dd', slots[number][1], slots[number][2])
  end
  if #left > 0 then
    redis.call('SET', list, pack_numbers('<dd', now, #before_slots) .. before_slots .. table.concat(left), 'PX', math.ceil((ahead - now) / 1000) + 1000)
  else
    redis.call('UNLINK', list)
  end
end
ends, is_known, state = real_ends, true, real_state
--insert write
