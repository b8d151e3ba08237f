-- Sliding window log: at any moment at most `permits` units in the window (now - window, now].
--
-- A sorted set has an entry per charge: score = when (us), member = all units charged up to and with it. Units in the
-- window are the newest member less that of the newest entry that has left the window. That one is kept, older ones go:
-- there are never more than permits + 1 entries, and a charge of many units is one entry.

local function look(key, permits, window, now)
  local newest = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  if not newest[1] then
    return { key = key, permits = permits, window = window, now = now, at = now, gone = now - window, total = 0, available = permits, reset = 0 }
  end

  -- A clock that was set back stands still until it has caught up.
  local last = tonumber(newest[2])
  local gone = math.max(now, last) - window

  local oldest = redis.call('ZRANGE', key, 0, 1, 'WITHSCORES')
  local base, first, outdated = 0, oldest[2], nil
  if oldest[4] and tonumber(oldest[4]) <= gone then
    local left = redis.call('ZREVRANGEBYSCORE', key, gone, '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
    base, outdated = tonumber(left[1]), '(' .. left[2]
    first = redis.call('ZRANGEBYSCORE', key, outdated, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
  elseif tonumber(oldest[2]) <= gone then
    base, first = tonumber(oldest[1]), oldest[4]
  end

  local total = tonumber(newest[1])
  return {
    key = key, permits = permits, window = window, now = now, gone = gone, total = total, outdated = outdated,
    -- No two entries have one score: Redis would put 9 behind 10.
    at = math.max(now, last + 1),
    available = math.max(0, permits - (total - base)),
    reset = first and tonumber(first) + window - now or 0,
  }
end

-- Until the entry with which enough units will have left the window; those of this very call leave it last.
local function wait(tier, units)
  local enough = tier.total + units - tier.permits
  local offset, page = 0, 16
  repeat
    local entries = redis.call('ZRANGEBYSCORE', tier.key, '(' .. string.format('%.0f', tier.gone), '+inf', 'WITHSCORES', 'LIMIT', offset, page)
    for entry = 1, #entries, 2 do
      if tonumber(entries[entry]) >= enough then return tonumber(entries[entry + 1]) + tier.window - tier.now end
    end
    offset = offset + page
  until #entries < 2 * page
  return tier.at + tier.window - tier.now
end

-- Only now older entries go: the charge keeps the clock from being set back to where they would count.
local function charge(tier, units)
  if tier.outdated then redis.call('ZREMRANGEBYSCORE', tier.key, '-inf', tier.outdated) end
  redis.call('ZADD', tier.key, tier.at, string.format('%.0f', tier.total + units))
  redis.call('PEXPIRE', tier.key, math.ceil((tier.at + tier.window - tier.now) / 1000) + 1)
  return tier.reset > 0 and tier.reset or tier.at + tier.window - tier.now
end

return { look = look, wait = wait, charge = charge }
