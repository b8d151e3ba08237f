-- What the buckets have in common. One unit is worth window / permits us, which is kept as the fraction that it is, in lowest terms: a moment is
-- (us, parts), of `permits` parts to a us. Nothing is ever rounded, so nothing drifts.
-- State: the moment at which nothing is owed any more, and the permits and window that it was counted with.

--# fields
clear_N, parts_N, rate_N, per_N

--# setup
local unit_parts_N = window_N % permits_N
local unit_us_N = (window_N - unit_parts_N) / permits_N

--# look
if not is_known or clear_N < now then
  clear_N, parts_N, available_N = now, 0, capacity_N
else
  -- Units that aren't paid off, begun ones as whole.
  local ahead = (clear_N - now) * rate_N + parts_N
  local owed = math.floor(ahead / per_N)
  if ahead < 4503599627370496 then
    if owed * per_N < ahead then owed = owed + 1 end
  else
    -- More than a double holds to the part; the guess may be beside the mark.
    local unit_parts = per_N % rate_N
    local unit_us = (per_N - unit_parts) / rate_N
    local function is_worth_less(number)
      local worth_parts = unit_parts * number
      local rest = worth_parts % rate_N
      local worth_us = unit_us * number + (worth_parts - rest) / rate_N
      return worth_us < clear_N - now or worth_us == clear_N - now and rest < parts_N
    end
    while owed > 0 and not is_worth_less(owed - 1) do owed = owed - 1 end
    while is_worth_less(owed) do owed = owed + 1 end
  end
  if rate_N ~= permits_N or per_N ~= window_N then
    -- The limit has changed since: who owed so many units owes as many still.
    local worth_parts = unit_parts_N * owed
    parts_N = worth_parts % permits_N
    clear_N = now + unit_us_N * owed + (worth_parts - parts_N) / permits_N
  end
  available_N = owed < capacity_N and capacity_N - owed or 0
end
rate_N, per_N = permits_N, window_N

--# wait
-- No more than capacity - units may be owed.
do
  local owed = capacity_N - units
  own = clear_N - now - unit_us_N * owed + math.ceil((parts_N - unit_parts_N * owed) / permits_N)
  if own < 0 then own = 0 end
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

--# note
if clear_N - now >= needed then needed = clear_N - now + 1 end
