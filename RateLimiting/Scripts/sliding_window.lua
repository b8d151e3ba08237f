-- Sliding window log: at any moment at most `permits` units in the window (now - window, now].
--
-- A queue of charges, each as (when in us, units charged before it). Its two ends are in the state, entries in between are a
-- list of chunks of its own: most keys never have one, and the others touch it once per chunk. Units in the window are all that were ever charged
-- less those before the oldest entry in it. Outdated entries stay until the next charge.
--
-- State: the algorithm, when the newest entry was, units ever charged, chunks in the list, bytes of the front and of the back; then these two.
-- A newest entry in the future is a slot that somebody waits for, or a clock that was set back: time stands still until then.

--# own
own_N = KEYS[next_key]
next_key = next_key + 1

--# prelude
local ENTRY, CHUNK = 16, 16 * 16
local WHEN, BEFORE = 1, 9

-- The offset of the last entry that has less than the limit, for entries that have more and more; nothing where there is none.
local function last_below(chunk, field, limit)
  local found
  for offset = 0, #chunk - ENTRY, ENTRY do
    if struct.unpack('<d', chunk, offset + field) >= limit then return found end
    found = offset
  end
  return found
end

-- The last chunk that begins with less, and its number, among so many of a list from the first on.
local function last_chunk_below(key, first, chunks, field, limit)
  local low, high = 0, chunks - 1
  local found, number
  while low <= high do
    local middle = math.floor((low + high) / 2)
    local chunk = redis.call('LINDEX', key, first + middle)
    if chunk and struct.unpack('<d', chunk, field) < limit then
      low, found, number = middle + 1, chunk, middle
    else
      high = middle - 1
    end
  end
  return found, number
end

-- Front, outdated chunks, chunks and back without the entries that are older than the limit.
local function without_outdated(key, front, outdated, chunks, back, limit)
  local left = last_below(front, WHEN, limit)
  if left + ENTRY < #front then return string.sub(front, left + ENTRY + 1), outdated, chunks, back end

  local found, number = last_chunk_below(key, outdated, chunks, WHEN, limit)
  local skipped = number or 0
  repeat
    outdated, chunks = outdated + skipped, chunks - skipped
    front = found or chunks > 0 and redis.call('LINDEX', key, outdated)
    found, skipped = nil, 0
    if front then
      outdated, chunks = outdated + 1, chunks - 1
    else
      -- The list is empty, or somebody has deleted it.
      front, outdated, chunks, back = back, outdated + chunks, 0, ''
    end
    left = last_below(front, WHEN, limit)
  until front == '' or not left or left + ENTRY < #front
  return left and string.sub(front, left + ENTRY + 1) or front, outdated, chunks, back
end

-- The chunk less units before every entry that is newer than the one charged at a moment, and whether that is among them.
local function without_units(chunk, units, moment)
  local entries, found = {}, false
  for offset = 1, #chunk, ENTRY do
    local when, before = struct.unpack('<dd', chunk, offset)
    found = found or when == moment
    entries[#entries + 1] = struct.pack('<dd', when, when > moment and before - units or before)
  end
  return table.concat(entries), found
end

--# setup
local newest_N, total_N, chunks_N, outdated_N, front_N, back_N

-- Until the entry has left with which there is room enough: the last of those before which fewer units were charged than must have left.
local function wait_N(units)
  local leave = total_N + units - permits_N
  local chunk = front_N
  local left = last_below(chunk, BEFORE, leave)
  if left and left + ENTRY == #chunk and (chunks_N > 0 or back_N ~= '') then
    local found = last_chunk_below(own_N, outdated_N, chunks_N, BEFORE, leave)
    if found then chunk, left = found, last_below(found, BEFORE, leave) end
    local in_back = last_below(back_N, BEFORE, leave)
    if in_back then chunk, left = back_N, in_back end
  end
  local moment = left and unpack_numbers('<d', chunk, left + WHEN) + window_N or 0
  if moment < newest_N then moment = newest_N end
  return moment > now and moment - now or 0
end

--# look
newest_N, total_N, chunks_N, outdated_N, front_N, back_N = 0, 0, 0, 0, '', ''
available_N = permits_N
if offset + 47 <= #state then
  local kind, newest, total, chunks, front, back, next = unpack_numbers('<dddddd', state, offset)
  if kind == KIND then
    offset = next + front + back
    newest_N, total_N = newest, total
    if newest <= now - window_N then
      outdated_N = chunks
    else
      chunks_N = chunks
      front_N = string.sub(state, next, next + front - 1)
      if back > 0 then back_N = string.sub(state, next + front, offset - 1) end
      local limit = (newest > now and newest or now) - window_N + 1
      local when, before = unpack_numbers('<dd', front_N)
      if when < limit then
        front_N, outdated_N, chunks_N, back_N = without_outdated(own_N, front_N, 0, chunks, back_N, limit)
        before = front_N == '' and total or unpack_numbers('<d', front_N, BEFORE)
      end
      available_N = newest > now and 0 or permits_N - (total - before)
      if available_N < 0 then available_N = 0 end
    end
  else
    offset = math.huge
  end
end

--# charge
do
  if outdated_N > 0 then
    redis.call('LTRIM', own_N, outdated_N, -1)
    outdated_N = 0
  end
  local entry = pack_numbers('<dd', moment, total_N)
  if chunks_N == 0 and back_N == '' and #front_N < CHUNK then
    front_N = front_N .. entry
  else
    back_N = back_N .. entry
    if #back_N == CHUNK then
      redis.call('RPUSH', own_N, back_N)
      redis.call('PEXPIRE', own_N, math.ceil((moment + window_N - now) / 1000) + 1000)
      chunks_N, back_N = chunks_N + 1, ''
    end
  end
  newest_N, total_N = moment, total_N + units
end

--# refund
do
  local back, found = without_units(back_N, units, moment)
  local chunks, number = {}, chunks_N
  while not found and number > 0 do
    number = number - 1
    local chunk = redis.call('LINDEX', own_N, outdated_N + number)
    if not chunk then break end
    chunks[outdated_N + number], found = without_units(chunk, units, moment)
  end
  local front = front_N
  if not found then front, found = without_units(front, units, moment) end
  -- Nothing changes where the charge has left.
  if found then
    for place, chunk in pairs(chunks) do redis.call('LSET', own_N, place, chunk) end
    front_N, back_N, total_N = front, back, total_N - units
  end
end

--# save
text = text .. pack_numbers('<dddddd', KIND, newest_N, total_N, outdated_N + chunks_N, #front_N, #back_N) .. front_N .. back_N
if newest_N + window_N - now > needed then needed = newest_N + window_N - now end
