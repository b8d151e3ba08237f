-- Closes the ledger for all processes, unless it is closed for longer already.
-- ARGV  us of the pause, us of the longest window, us of the lease
-- Returns 1 where no pause was in force, 0 where one was, -1 where there is no ledger

if not is_known then return -1 end
-- Another reason to be closed is no refusal.
local paused_until = tonumber(redis.call('HGET', state_key, 'paused_until') or 0)
local is_first = paused_until <= now
local pause_end = now + tonumber(ARGV[1])
if pause_end > paused_until then redis.call('HSET', state_key, 'paused_until', text(pause_end)) end
if pause_end > closed_until then
  closed_until = pause_end
  redis.call('HSET', state_key, 'closed_until', text(closed_until), 'cause', 'pause')
end
keep(tonumber(ARGV[2]), tonumber(ARGV[3]))
return is_first and 1 or 0
