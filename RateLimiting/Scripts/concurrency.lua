-- Concurrency: at most `permits` units leased at once. A sorted set of its own has a member per leased unit, whose score is when the lease
-- ends (us) unless it is renewed.

--# own
own_N = KEYS[next_key]
next_key = next_key + 1

--# setup
-- Until enough leases have ended that nobody renews.
local function wait_N(units)
  local live = '(' .. string.format('%.0f', now)
  local lacking = units - (permits_N - redis.call('ZCOUNT', own_N, live, '+inf'))
  if lacking <= 0 then return 0 end
  return redis.call('ZRANGEBYSCORE', own_N, live, '+inf', 'WITHSCORES', 'LIMIT', lacking - 1, 1)[2] - now
end

--# look
available_N = math.max(0, permits_N - redis.call('ZCOUNT', own_N, '(' .. string.format('%.0f', now), '+inf'))

--# charge
redis.call('ZREMRANGEBYSCORE', own_N, '-inf', string.format('%.0f', now))
for call = first, first + calls - 1 do
  for unit = 1, units / calls do
    redis.call('ZADD', own_N, moment + window_N, ARGV[2] .. subject .. ':' .. call .. ':' .. unit)
  end
end
redis.call('PEXPIRE', own_N, math.ceil((moment + window_N - now) / 1000) + 1)
