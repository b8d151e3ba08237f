-- Ends a lease, and tells those who wait for one.
--
-- KEYS  of the tiers that count concurrency
-- ARGV  1: channel; then the members of the lease
-- Returns how many were still there.

local ended = 0
for _, key in ipairs(KEYS) do
  ended = ended + redis.call('ZREM', key, unpack(ARGV, 2))
end
redis.call('PUBLISH', ARGV[1], '')
return ended
