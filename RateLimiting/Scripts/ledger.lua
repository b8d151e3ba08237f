-- Takes back permits and grants new ones, all in one step.
--
-- A permit may be granted only if for every tier: permits in flight + permits completed within the window < the tier's permits.
-- It completes when its response has come; one whose holder died completes at the end of its lease. So no request can be refused:
-- suppose that more than a tier's permits arrived at the server within one window, and that Z was granted last of them. Each of the
-- others was in flight when Z was granted, or completed after its own arrival: Z counted them all.
--
-- All else only ever grants fewer: a pace, caps of tiers of which others use a part, and wariness.
--
-- ARGV  newest time that the caller has seen, permits wanted, id of the caller, number of its first new permit, us of the lease,
--       us between grants (0: no pace), us of grants that may be caught up with, us between grants at the fastest of an adaptive pace
--       (0: the pace is fixed), requests that were sent without the ledger, successes, refusals,
--       number of tiers, then permits and window of each,
--       number of readings, then of each what a server said of a window, by its headers: window, limit, remaining, when the permit of
--       that request was granted,
--       number of permits returned unused, their ids, ids of those released
-- Returns permits granted, us until it is worth to ask again (0 where all were granted), cause of that wait, now, the most that a reading
--       tells of others (-1: there is no reading), permits and window of the tier that has been capped (0: none has), us between grants;
--       or nothing, where the ledger is lost

local argument = 0
local function next_argument()
  argument = argument + 1
  return ARGV[argument]
end
local function next_number() return tonumber(next_argument()) end

local seen, wanted = next_number(), next_number()
local holder, first, lease = next_argument(), next_number(), next_number()
local interval, slack, fastest = next_number(), next_number(), next_number()
local unledgered, good, bad = next_number(), next_number(), next_number()

-- A ledger that is older than what the caller has seen came out of a backup.
if is_known and tonumber(state[1]) < seen then
  redis.call('DEL', state_key, flight_key, done_key)
  is_known = false
end
if not is_known then return {} end

local changes = {}
local function change(field, value)
  changes[#changes + 1] = field
  changes[#changes + 1] = value
end

local is_adaptive = fastest > 0
local tiers, learned, longest = {}, {}, is_adaptive and 60000000 or 0
local permits_of = {}
local function add_tier(permits, window)
  tiers[#tiers + 1] = { permits = permits, window = window }
  permits_of[window] = math.min(permits, permits_of[window] or permits)
  longest = math.max(longest, window)
end
for _ = 1, next_number() do add_tier(next_number(), next_number()) end
for permits, window in string.gmatch(state[13] or '', '(%d+)/(%d+)') do learned[tonumber(window)] = tonumber(permits) end

-- What was sent before this ledger began it knows nothing of.
local readings = {}
for _ = 1, next_number() do
  local reading = { window = next_number(), limit = next_number(), remaining = next_number(), granted = next_number() }
  if reading.granted >= tonumber(state[15] or 0) then readings[#readings + 1] = reading end
  if is_adaptive then learned[reading.window] = reading.limit end
end
local learned_text = {}
for window, permits in pairs(learned) do
  add_tier(permits, window)
  learned_text[#learned_text + 1] = text(permits) .. '/' .. text(window)
end
if is_adaptive and #readings > 0 then change('learned', table.concat(learned_text, ' ')) end

local newest = redis.call('ZRANGE', done_key, -1, -1, 'WITHSCORES')
local total, last = tonumber(newest[1] or 0), tonumber(newest[2] or 0)

local function complete(at, count)
  -- No two entries have one score: Redis would put 9 behind 10.
  last = math.max(at, last + 1)
  total = total + count
  redis.call('ZADD', done_key, text(last), text(total))
end

-- Completed up to and with a time.
local function completed_by(time)
  local base = redis.call('ZREVRANGEBYSCORE', done_key, text(time), '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return tonumber(base[1] or 0), base[2]
end

local expired = redis.call('ZRANGEBYSCORE', flight_key, '-inf', text(now), 'WITHSCORES')
for entry = 2, #expired, 2 do complete(tonumber(expired[entry]), 1) end
if #expired > 0 then redis.call('ZREMRANGEBYSCORE', flight_key, '-inf', text(now)) end

local returned_end = next_number() + argument
while argument < returned_end do redis.call('ZREM', flight_key, next_argument()) end

local released = unledgered
while argument < #ARGV do released = released + redis.call('ZREM', flight_key, next_argument()) end
if released > 0 then complete(now, released) end

local in_flight = redis.call('ZCARD', flight_key)

-- Caps: of each window the least that others left of the server's limit, during this window and the one before it.
local none = 1000000000
local caps = {}
for window, start, current, former in string.gmatch(state[12] or '', '(%d+):(%d+):(%d+):(%d+)') do
  window, start, current, former = tonumber(window), tonumber(start), tonumber(current), tonumber(former)
  local passed = math.max(0, math.floor((now - start) / window))
  if passed == 1 then current, former = none, current end
  if passed < 2 and math.min(current, former) < none then caps[window] = { start = start + passed * window, current = current, former = former } end
end

local wary_until, wary_share = tonumber(state[10] or 0), tonumber(state[14] or 1)
local capped_permits, capped_window = 0, 0
local function cap(window, permits)
  permits = math.max(1, permits)
  if permits >= (permits_of[window] or 0) then return end
  -- From when something is sent again.
  caps[window] = caps[window] or { start = math.max(now, closed_until), current = none, former = none }
  if permits < math.min(caps[window].current, caps[window].former) then capped_permits, capped_window = permits, window end
  caps[window].current = math.min(caps[window].current, permits)
end
local function be_wary(share)
  if wary_until <= now or share > wary_share then wary_share = share end
  wary_until = math.max(now, closed_until) + 10 * longest
  change('wary_until', text(wary_until))
  change('wary_share', text(wary_share))
end

-- What the server counts beyond all that this ledger can have sent it by then, others have sent.
local drift = -1
for _, reading in ipairs(readings) do
  local ours = total - completed_by(reading.granted - reading.window) + in_flight
  local others = math.max(0, reading.limit - reading.remaining - ours)
  drift = math.max(drift, others)
  cap(reading.window, reading.limit - others)
  if others > 0 then be_wary(2) end
end

local scarcest
for _, tier in ipairs(tiers) do
  tier.base = completed_by(now - tier.window)
  tier.used = total - tier.base
  local limit = caps[tier.window]
  tier.permits = limit and math.min(tier.permits, limit.current, limit.former) or tier.permits
  tier.free = tier.permits - in_flight - tier.used
  if not scarcest or tier.free / tier.permits < scarcest.free / scarcest.permits then scarcest = tier end
end

-- Those who are refused together are refused once: what follows is deaf until the pause is over.
local is_deaf = tonumber(state[11] or 0) > now
local refused = is_deaf and 0 or bad
if refused > 0 then
  be_wary(#readings > 0 and 2 or 8)
  if scarcest and #readings == 0 then
    local permits = math.max(1, math.min(scarcest.permits, math.max(scarcest.used + in_flight, math.floor(0.75 * scarcest.permits))))
    cap(scarcest.window, permits)
    scarcest.free = scarcest.free - scarcest.permits + permits
    scarcest.permits = permits
  end
end

if is_adaptive then
  interval = tonumber(state[7] or interval)
  good, bad = good + tonumber(state[8] or 0), refused + tonumber(state[9] or 0)
  if bad >= 3 then interval, good, bad = math.min(1000000, interval / 0.75), 0, 0 end
  while good >= 100 do interval, good, bad = math.max(fastest, interval / 1.1), good - 100, 0 end
  change('interval', tostring(interval))
  change('good', text(good))
  change('bad', text(bad))
end
if refused > 0 and (is_adaptive and bad == 0 or not is_adaptive) then change('deaf_until', text(math.max(closed_until, now + 100000))) end

local caps_text = {}
for window, limit in pairs(caps) do
  caps_text[#caps_text + 1] = text(window) .. ':' .. text(limit.start) .. ':' .. text(limit.current) .. ':' .. text(limit.former)
end
if #caps_text > 0 or state[12] then change('caps', table.concat(caps_text, ' ')) end

local granted = closed_until > now and 0 or wanted
for _, tier in ipairs(tiers) do granted = math.max(0, math.min(granted, tier.free)) end

-- Where others use the budget too, as much as is in flight may be too much: the nearer the edge, the fewer go at once. Fewer still
-- where the server doesn't say how near it is.
local is_held_back = false
if wary_until > now and granted > 0 then
  for _, tier in ipairs(tiers) do
    local may = math.max(0, math.max(1, math.floor((tier.permits - tier.used) / wary_share)) - in_flight)
    is_held_back = is_held_back or may < granted
    granted = math.min(granted, may)
  end
end

local is_paced = interval > 0 and next(learned) == nil
local next_at = math.max(tonumber(state[6] or 0), now - slack)
if is_paced then
  granted = math.min(granted, next_at > now and 0 or math.floor((now - next_at) / interval) + 1)
  next_at = next_at + granted * interval
  if granted > 0 then change('next_at', string.format('%.3f', next_at)) end
end

-- Until enough completed permits have left the window. Those in flight can't leave it before another whole window has passed.
local function wait_for(tier)
  local limit = caps[tier.window]
  local longest_wait = limit and math.max(1, math.min(tier.window, limit.start + tier.window - now)) or tier.window
  local enough = tier.base + granted + 1 - tier.free
  local offset, page = 0, 16
  while enough <= total do
    local entries = redis.call('ZRANGEBYSCORE', done_key, '(' .. text(now - tier.window), '+inf', 'WITHSCORES', 'LIMIT', offset, page)
    for entry = 1, #entries, 2 do
      if tonumber(entries[entry]) >= enough then return math.min(longest_wait, tonumber(entries[entry + 1]) + tier.window - now) end
    end
    offset = offset + page
    if #entries < 2 * page then break end
  end
  return longest_wait
end

local wait, cause = 0, 'ledger'
if closed_until > now then
  wait, cause = closed_until - now, state[4]
elseif granted < wanted then
  for _, tier in ipairs(tiers) do
    if tier.free <= granted then wait = math.max(wait, wait_for(tier)) end
  end
  if is_paced then wait = math.max(wait, math.ceil(next_at - now)) end
  -- What comes back to another process makes room too.
  if is_held_back then wait = math.max(wait, 20000) end
end

for number = first, first + granted - 1 do
  redis.call('ZADD', flight_key, text(now + lease), holder .. ':' .. text(number))
end

-- The newest entry that has left the longest window, and all readings that may come, is the base of the others.
local _, oldest = completed_by(now - longest - 2 * lease)
if oldest then redis.call('ZREMRANGEBYSCORE', done_key, '-inf', '(' .. oldest) end
keep(math.max(longest, is_adaptive and 43200000000 or next_at - now), lease, changes)
return { granted, wait, cause, now, drift, capped_permits, capped_window, math.floor(interval) }
