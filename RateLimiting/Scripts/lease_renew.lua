-- Lets a lease last for another window from now on.
--
-- KEYS  of the tiers that count concurrency
-- ARGV  window in us per key; then the members of the lease
-- Returns 1, or 0 where the lease had ended already.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
for number, key in ipairs(KEYS) do
  local window = tonumber(ARGV[number])
  for at = #KEYS + 1, #ARGV do
    local ends = redis.call('ZSCORE', key, ARGV[at])
    if not ends or tonumber(ends) <= now then return 0 end
    redis.call('ZADD', key, 'XX', now + window, ARGV[at])
  end
  redis.call('PEXPIRE', key, math.ceil(window / 1000) + 1)
end
return 1
