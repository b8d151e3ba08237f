-- Begins a ledger, unless there is one.
-- ARGV  us for which it stays closed, us of the longest window, us of the lease

if is_known then return 0 end
local closed_for = tonumber(ARGV[1])
if closed_for > 0 then
  closed_until = now + closed_for
  redis.call('HSET', state_key, 'closed_until', text(closed_until), 'cause', 'lost')
end
keep(tonumber(ARGV[2]), tonumber(ARGV[3]), { 'opened_at', text(now) })
return 1
