-- Takes back permits and grants new ones, all in one step.
--
-- A permit may be granted only if for every tier: permits in flight + permits completed within the window < the tier's permits.
-- It completes when its response has come; one whose holder died completes at the end of its lease. So no request can be refused:
-- suppose that more than a tier's permits arrived at the server within one window, and that Z was granted last of them. Each of the
-- others was in flight when Z was granted, or completed after its own arrival: Z counted them all.
--
-- ARGV  newest time that the caller has seen, permits wanted, id of the caller, number of its first new permit, us of the lease,
--       number of tiers, then permits and window of each, number of permits returned unused, their ids, ids of those released
-- Returns permits granted, us until it is worth to ask again (0 where all were granted), cause of that wait, now; or nothing,
--       where the ledger is lost

local argument = 0
local function next_argument()
  argument = argument + 1
  return ARGV[argument]
end

local seen, wanted = tonumber(next_argument()), tonumber(next_argument())
local holder, first, lease = next_argument(), tonumber(next_argument()), tonumber(next_argument())

-- A ledger that is older than what the caller has seen came out of a backup.
if is_known and tonumber(state[1]) < seen then
  redis.call('DEL', state_key, flight_key, done_key)
  is_known = false
end
if not is_known then return {} end

local tiers, longest = {}, 0
for number = 1, tonumber(next_argument()) do
  tiers[number] = { permits = tonumber(next_argument()), window = tonumber(next_argument()) }
  longest = math.max(longest, tiers[number].window)
end

local newest = redis.call('ZRANGE', done_key, -1, -1, 'WITHSCORES')
local total, last = tonumber(newest[1] or 0), tonumber(newest[2] or 0)

local function complete(at, count)
  -- No two entries have one score: Redis would put 9 behind 10.
  last = math.max(at, last + 1)
  total = total + count
  redis.call('ZADD', done_key, text(last), text(total))
end

local expired = redis.call('ZRANGEBYSCORE', flight_key, '-inf', text(now), 'WITHSCORES')
for entry = 2, #expired, 2 do complete(tonumber(expired[entry]), 1) end
if #expired > 0 then redis.call('ZREMRANGEBYSCORE', flight_key, '-inf', text(now)) end

local returned_end = tonumber(next_argument()) + argument
while argument < returned_end do redis.call('ZREM', flight_key, next_argument()) end

local released = 0
while argument < #ARGV do released = released + redis.call('ZREM', flight_key, next_argument()) end
if released > 0 then complete(now, released) end

local in_flight = redis.call('ZCARD', flight_key)
local granted = closed_until > now and 0 or wanted
for _, tier in ipairs(tiers) do
  local base = redis.call('ZREVRANGEBYSCORE', done_key, text(now - tier.window), '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
  tier.base = tonumber(base[1] or 0)
  tier.free = tier.permits - in_flight - (total - tier.base)
  granted = math.max(0, math.min(granted, tier.free))
  -- The newest entry that has left the longest window is the base of the others.
  if base[2] and tier.window == longest then redis.call('ZREMRANGEBYSCORE', done_key, '-inf', '(' .. base[2]) end
end

-- Until enough completed permits have left the window. Those in flight can't leave it before another whole window has passed.
local function wait_for(tier)
  local enough = tier.base + granted + 1 - tier.free
  local offset, page = 0, 16
  repeat
    local entries = redis.call('ZRANGEBYSCORE', done_key, '(' .. text(now - tier.window), '+inf', 'WITHSCORES', 'LIMIT', offset, page)
    for entry = 1, #entries, 2 do
      if tonumber(entries[entry]) >= enough then return tonumber(entries[entry + 1]) + tier.window - now end
    end
    offset = offset + page
  until #entries < 2 * page
  return tier.window
end

local wait, cause = 0, 'ledger'
if closed_until > now then
  wait, cause = closed_until - now, state[4]
elseif granted < wanted then
  for _, tier in ipairs(tiers) do
    if tier.free <= granted then wait = math.max(wait, wait_for(tier)) end
  end
end

for number = first, first + granted - 1 do
  redis.call('ZADD', flight_key, text(now + lease), holder .. ':' .. text(number))
end
keep(longest, lease)
return { granted, wait, cause, now }
