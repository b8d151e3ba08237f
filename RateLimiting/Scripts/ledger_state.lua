-- The ledger of an account; goes in front of each of its scripts.
--
-- KEYS[1]  hash: now, the newest time that a script saw; offset of this clock to Redis's; closed_until and its cause; paused_until;
--          server, the run of Redis that wrote it; next_at, before which a paced account sends nothing; interval, good and bad, the
--          adaptive pace and what has been counted since it was set; wary_until, wary_share, deaf_until, caps, learned and opened_at (see ledger.lua)
-- KEYS[2]  sorted set of the permits in flight: id -> end of the lease
-- KEYS[3]  sorted set with an entry per completion: score = when, member = all permits completed up to and with it
-- All times are us on a clock that goes with Redis's, but stands still where that is set back.

local state_key, flight_key, done_key = KEYS[1], KEYS[2], KEYS[3]

local state = redis.call('HMGET', state_key, 'now', 'offset', 'closed_until', 'cause', 'server', 'next_at', 'interval', 'good', 'bad',
  'wary_until', 'deaf_until', 'caps', 'learned', 'wary_share', 'opened_at')
local is_known = state[1] ~= false

-- After a restart or a failover the newest grants may be missing: a ledger of another server counts as lost.
local server = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if is_known and state[5] ~= server then
  redis.call('DEL', state_key, flight_key, done_key)
  is_known, state = false, {}
end

local offset = tonumber(state[2] or 0)
local closed_until = tonumber(state[3] or 0)

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2] + offset
if is_known and now < tonumber(state[1]) then
  offset = offset + tonumber(state[1]) - now
  now = tonumber(state[1])
end

local function text(number) return string.format('%.0f', number) end

-- A ledger is kept well beyond the time for which anything in it counts.
local function keep(longest_window, lease, changes)
  local ttl = text(math.ceil((2 * longest_window + lease + math.max(0, closed_until - now)) / 1000) + 60000)
  redis.call('HSET', state_key, 'now', text(now), 'offset', text(offset), 'server', server, unpack(changes or {}))
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl) end
end
