-- What of an account's permits is in use, and when it will be over.
-- ARGV  us of the longest window, slices into which it is cut
-- Returns us for which the ledger is closed, cause, permits in flight, then of each slice with completed permits the us since
--       the last of them and their number, the oldest first; nothing where there is no ledger

if not is_known then return {} end
local longest, slice = tonumber(ARGV[1]), math.ceil(tonumber(ARGV[1]) / tonumber(ARGV[2]))
local answer = { math.max(0, closed_until - now), state[4] or '', redis.call('ZCARD', flight_key) }

local base = redis.call('ZREVRANGEBYSCORE', done_key, text(now - longest), '-inf', 'LIMIT', 0, 1)
local before, total, at = tonumber(base[1] or 0), nil, nil
local function cut()
  if not total then return end
  answer[#answer + 1] = now - at
  answer[#answer + 1] = total - before
  before = total
end
local entries = redis.call('ZRANGEBYSCORE', done_key, '(' .. text(now - longest), '+inf', 'WITHSCORES')
for entry = 1, #entries, 2 do
  local score = tonumber(entries[entry + 1])
  if at and math.floor((now - score) / slice) ~= math.floor((now - at) / slice) then cut() end
  total, at = tonumber(entries[entry]), score
end
cut()
return answer
