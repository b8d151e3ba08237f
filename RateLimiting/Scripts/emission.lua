-- What the buckets have in common. One unit is worth window / permits us, which is kept as the fraction that it is: a moment is
-- (us, parts), of `permits` parts to a us. Nothing is ever rounded, so nothing drifts.
-- State: the algorithm, the moment at which nothing is owed any more, and the permits and window that it was counted with.

--# prelude
-- Units not yet paid off after so much time, begun ones as whole.
local function owed(us, parts, permits, window, unit_us, unit_parts)
  if parts == 0 and unit_parts == 0 then
    local begun = us % unit_us
    return begun > 0 and (us - begun) / unit_us + 1 or us / unit_us
  end

  local units = math.floor((us + parts / permits) * permits / window)
  -- The guess may be beside the mark by what a double can't hold.
  local function is_worth_less(number)
    local worth_parts = unit_parts * number
    local rest = worth_parts % permits
    local worth_us = unit_us * number + (worth_parts - rest) / permits
    return worth_us < us or worth_us == us and rest < parts
  end
  while units > 0 and not is_worth_less(units - 1) do units = units - 1 end
  while is_worth_less(units) do units = units + 1 end
  return units
end

--# setup
local unit_parts_N = window_N % permits_N
local unit_us_N = (window_N - unit_parts_N) / permits_N
local clear_N, parts_N

-- Until no more than capacity - units are owed.
local function wait_N(units)
  local worth_parts = unit_parts_N * (capacity_N - units)
  local rest = worth_parts % permits_N
  local us = clear_N - unit_us_N * (capacity_N - units) - (worth_parts - rest) / permits_N - now
  if parts_N > rest then us = us + 1 end
  return us > 0 and us or 0
end

--# look
clear_N, parts_N, available_N = now, 0, capacity_N
if offset + 39 <= #state then
  local kind, clear, parts, permits, window, next = unpack_numbers('<ddddd', state, offset)
  if kind == KIND then
    offset = next
    if clear >= now then
      clear_N, parts_N = clear, parts
      if permits == permits_N and window == window_N then
        available_N = capacity_N - owed(clear - now, parts, permits, window, unit_us_N, unit_parts_N)
      else
        -- The limit has changed since: who owed so many units owes as many still.
        local unit_parts = window % permits
        local units = owed(clear - now, parts, permits, window, (window - unit_parts) / permits, unit_parts)
        local worth_parts = unit_parts_N * units
        parts_N = worth_parts % permits_N
        clear_N = now + unit_us_N * units + (worth_parts - parts_N) / permits_N
        available_N = capacity_N - units
      end
      if available_N < 0 then available_N = 0 end
    end
  else
    offset = math.huge
  end
end

--# charge
do
  if clear_N < moment then clear_N, parts_N = moment, 0 end
  local parts = parts_N + unit_parts_N * units
  parts_N = parts % permits_N
  clear_N = clear_N + unit_us_N * units + (parts - parts_N) / permits_N
end

--# refund
do
  local parts = parts_N - unit_parts_N * units
  parts_N = parts % permits_N
  clear_N = clear_N - unit_us_N * units + (parts - parts_N) / permits_N
end

--# save
text = text .. pack_numbers('<ddddd', KIND, clear_N, parts_N, permits_N, window_N)
if clear_N - now >= needed then needed = clear_N - now + 1 end
