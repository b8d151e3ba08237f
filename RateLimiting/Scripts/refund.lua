-- Takes a charge of a key back. A template, as driver.lua.
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
local shape, ends FIELDS
--each tier
local available_N, own_N
--insert setup
--end
--insert read
if not is_known then return end
--each tier
--insert own
--insert look
--end
--each tier
--insert refund
--end
--insert write
