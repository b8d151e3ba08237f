-- Fixed window: up to `permits` units in each window; windows are counted from the epoch. A state of a window in the future is a slot that
-- somebody waits for, or a clock that was set back: time stands still until it has come.
-- State: the algorithm, number of the window, units charged in it, its length.

--# setup
local index_N, charged_N

local function wait_N(units)
  local index = charged_N + units <= permits_N and index_N or index_N + 1
  local us = index * window_N - now
  return us > 0 and us or 0
end

--# look
index_N, charged_N = math.floor(now / window_N), 0
available_N = permits_N
if offset + 31 <= #state then
  local kind, index, charged, window, next = unpack_numbers('<dddd', state, offset)
  if kind == KIND then
    offset = next
    if window ~= window_N then
      -- The limit has changed since: what counts still, counts in the window of now.
      if (index + 1) * window > now then charged_N = charged end
      available_N = math.max(0, permits_N - charged_N)
    elseif index > index_N then
      index_N, charged_N, available_N = index, charged, 0
    elseif index == index_N then
      charged_N, available_N = charged, math.max(0, permits_N - charged)
    end
  else
    offset = math.huge
  end
end

--# charge
do
  local index = math.floor(moment / window_N)
  if index > index_N then index_N, charged_N = index, 0 end
  charged_N = charged_N + units
end

--# refund
if math.floor(moment / window_N) == index_N then charged_N = math.max(0, charged_N - units) end

--# save
text = text .. pack_numbers('<dddd', KIND, index_N, charged_N, window_N)
if (index_N + 1) * window_N - now > needed then needed = (index_N + 1) * window_N - now end
