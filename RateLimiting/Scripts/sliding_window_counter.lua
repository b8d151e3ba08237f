-- Sliding window counter: units of this window and, by the part of it that the sliding window still covers, those of the one before.
-- Windows are counted from the epoch. A state of a window in the future stands still until that has come.
-- State: number of the window, units charged in it and in the one before, its length.

--# fields
index_N, current_N, previous_N, length_N

--# prelude
-- How far into a window must be that `previous` units count no more than `most`. window * most / previous without leaving whole numbers.
local function elapsed_for(window, previous, most)
  if previous <= most then return 0 end
  local rest = window % previous
  return window - ((window - rest) / previous * most + math.floor(rest * most / previous))
end

-- Units of the window before that count still.
local function counting(window, previous, elapsed)
  local units = math.ceil(previous * (window - elapsed) / window)
  -- The guess may be beside the mark by what a double can't hold.
  while units > 0 and elapsed >= elapsed_for(window, previous, units - 1) do units = units - 1 end
  while elapsed < elapsed_for(window, previous, units) do units = units + 1 end
  return units
end

--# look
do
  local index = math.floor(now / window_N)
  if not is_known then
    index_N, current_N, previous_N = index, 0, 0
  elseif length_N ~= window_N then
    -- The limit has changed since: what was charged in the newest window counts in that of now.
    if (index_N + 1) * length_N <= now then current_N = 0 end
    index_N, previous_N = index, 0
  elseif index_N < index then
    index_N, current_N, previous_N = index, 0, index_N == index - 1 and current_N or 0
  end
  if index_N > index then
    available_N = 0
  else
    local counted = previous_N > 0 and counting(window_N, previous_N, now - index_N * window_N) or 0
    available_N = math.max(0, permits_N - current_N - counted)
  end
  length_N = window_N
end

--# wait
do
  own = index_N * window_N - now
  local room = permits_N - current_N - units
  if room >= 0 then
    own = own + elapsed_for(window_N, previous_N, room)
  else
    own = own + window_N + elapsed_for(window_N, current_N, permits_N - units)
  end
  if own < 0 then own = 0 end
end

--# charge
do
  local index = math.floor(moment / window_N)
  if index > index_N then
    previous_N = index == index_N + 1 and current_N or 0
    index_N, current_N = index, 0
  end
  current_N = current_N + units
end

--# refund
do
  local index = math.floor(moment / window_N)
  if index == index_N then
    current_N = math.max(0, current_N - units)
  elseif index == index_N - 1 then
    previous_N = math.max(0, previous_N - units)
  end
end

--# note
if (index_N + 2) * window_N - now > needed then needed = (index_N + 2) * window_N - now end
