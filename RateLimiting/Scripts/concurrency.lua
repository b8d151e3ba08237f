-- Concurrency: at most `permits` units leased at once. A sorted set of its own has a member per leased unit, whose score is when the lease
-- ends (us) unless it is renewed.

--# own
own_N = KEYS[next_key]
next_key = next_key + 1

--# look
available_N = math.max(0, permits_N - redis.call('ZCOUNT', own_N, '(' .. string.format('%.0f', now), '+inf'))

--# wait
-- Enough leases must have ended that nobody renews.
do
  local live = '(' .. string.format('%.0f', now)
  local lacking = units - (permits_N - redis.call('ZCOUNT', own_N, live, '+inf'))
  own = lacking <= 0 and 0 or redis.call('ZRANGEBYSCORE', own_N, live, '+inf', 'WITHSCORES', 'LIMIT', lacking - 1, 1)[2] - now
end

--# charge
redis.call('ZREMRANGEBYSCORE', own_N, '-inf', string.format('%.0f', now))
for call = first, first + calls - 1 do
  for unit = 1, units / calls do
    redis.call('ZADD', own_N, moment + window_N, ARGV[2] .. subject .. ':' .. call .. ':' .. unit)
  end
end
redis.call('PEXPIRE', own_N, math.ceil((moment + window_N - now) / 1000) + 1)
