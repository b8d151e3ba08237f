-- Takes a charge of a key back, or a slot whose time hasn't come. A template, as driver.lua.
--
-- KEYS  its state; then per tier the key of its own where the algorithm has one
-- ARGV  1: doubles: 1; of each tier: permits, window in us, capacity; then units, and the moment when they were charged (us)

local call, unpack_numbers, pack_numbers, HUGE = redis.call, struct.unpack, struct.pack, math.huge
local key = KEYS[1]
local state = call('GET', key)
if not state then return end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local next_key = 2

local _,
--each tier
  permits_N, window_N, capacity_N,
--end
  units, moment = unpack_numbers('<d{ddd}dd', ARGV[1])
local shape, ends, ahead LASTING FIELDS
--each tier
local available_N, own_N
--insert setup
--end
--insert read
if not is_known then return end

-- The slots in the order of their moments, and the state before them.
local list = key .. ':slots'
local slots, refunded, real_now, real_state, real_ends = {}, units, now, state, ends
local listed = ahead > now and call('GET', list)
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
--insert apart

-- First the slots that are due by now, then the refund, then the others.
local left, before_slots = {}
for number = 1, #slots + 1 do
  local slot = slots[number]
  if not before_slots and (not slot or slot[1] > real_now) then
    now = real_now
    if refunded > 0 then
--each tier
--insert refund
--end
    end
    if listed then ahead = 0 end
    before_slots =
--insert pack
  end
  if slot then
    local moment, units, calls, first = slot[1], slot[2], 1, 0
--each tier
--insert charge
--end
    if before_slots then
      ahead = moment
      left[#left + 1] = pack_numbers('<dd', moment, units)
    end
  end
end
if #left > 0 then
  call('SET', list, pack_numbers('<dd', now, #before_slots) .. before_slots .. table.concat(left), 'PX', math.ceil((ahead - now) / 1000) + 1000)
elseif listed then
  call('UNLINK', list)
end
ends, is_known, state = real_ends, true, real_state
--insert write
