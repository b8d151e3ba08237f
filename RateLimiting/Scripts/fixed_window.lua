-- Fixed window: up to `permits` units in each window; windows are counted from the epoch. A state of a window in the future is a slot that
-- somebody waits for, or a clock that was set back: time stands still until it has come.
-- State: number of the window, units charged in it, its length.

--# fields
index_N, charged_N, length_N

--# look
do
  local index = math.floor(now / window_N)
  available_N = permits_N
  if not is_known or length_N == window_N and index_N < index then
    index_N, charged_N = index, 0
  elseif length_N ~= window_N then
    -- The limit has changed since: what counts still, counts in the window of now.
    if (index_N + 1) * length_N <= now then charged_N = 0 end
    index_N = index
  end
  available_N = index_N > index and 0 or math.max(0, permits_N - charged_N)
  length_N = window_N
end

--# wait
do
  local index = charged_N + units <= permits_N and index_N or index_N + 1
  own = index * window_N - now
  if own < 0 then own = 0 end
end

--# charge
do
  local index = math.floor(moment / window_N)
  if index > index_N then index_N, charged_N = index, 0 end
  charged_N = charged_N + units
end

--# refund
if math.floor(moment / window_N) == index_N then charged_N = math.max(0, charged_N - units) end

--# note
if (index_N + 1) * window_N - now > needed then needed = (index_N + 1) * window_N - now end
