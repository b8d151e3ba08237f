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
local input = ARGV[1]
local at, offset, next_key = 9, 9, 2

--each tier
local permits_N, window_N, capacity_N
permits_N, window_N, capacity_N, at = unpack_numbers('<ddd', input, at)
local available_N, own_N
--insert setup
--end
--each tier
--insert own
--insert look
--end
local units, moment = unpack_numbers('<dd', input, at)
--each tier
--insert refund
--end
--insert keep
