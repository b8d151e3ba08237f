-- Sliding window log: at any moment at most `permits` units in the window (now - window, now].
--
-- All sliding windows of a policy charge alike, so they share one log: a queue of charges, each as (when in us, units charged before it). The newest
-- ones are in the state, older ones in a list of chunks in a key of its own: most keys never have the list, and the others touch it once per chunk.
-- Units in a window are all that were ever charged less those before the oldest entry in it, which is in the state too.
--
-- State: the algorithm, when the newest entry was, units ever charged, chunks in the list, 1 where anything was refunded, number of windows, bytes of
-- the newest entries, and these; then per window its length, the chunk where its oldest entry is (one beyond the list: the newest ones), and that entry.
-- A newest entry in the future is a slot that somebody waits for, or a clock that was set back: time stands still until then.

--# shared own
own_L = KEYS[next_key]
next_key = next_key + 1

--# prelude
local ENTRY, CHUNK = 16, 16 * 16
local WHEN, BEFORE = 1, 9

-- The offset of the last entry that has less than the limit, for entries that have more and more; nothing where there is none.
local function last_below(entries, field, limit)
  local found
  for offset = 0, #entries - ENTRY, ENTRY do
    if struct.unpack('<d', entries, offset + field) >= limit then return found end
    found = offset
  end
  return found
end

-- The last chunk that begins with less, and its number, among those from the first on.
local function last_chunk_below(key, first, chunks, field, limit)
  local low, high = first, chunks - 1
  local found, number
  while low <= high do
    local middle = math.floor((low + high) / 2)
    local chunk = redis.call('LINDEX', key, middle)
    if chunk and struct.unpack('<d', chunk, field) < limit then
      low, found, number = middle + 1, chunk, middle
    else
      high = middle - 1
    end
  end
  return found, number
end

-- The first entry that isn't below the limit, and its chunk; nothing where there is none.
local function oldest_from(key, first, chunks, newest, limit)
  local chunk = first < chunks and redis.call('LINDEX', key, first)
  if chunk and struct.unpack('<d', chunk, #chunk - ENTRY + WHEN) < limit then
    chunk, first = last_chunk_below(key, first, chunks, WHEN, limit)
  end
  if chunk then
    local offset = (last_below(chunk, WHEN, limit) or -ENTRY) + ENTRY
    if offset < #chunk then return first, struct.unpack('<dd', chunk, offset + 1) end
    first = first + 1
    chunk = first < chunks and redis.call('LINDEX', key, first)
    if chunk then return first, struct.unpack('<dd', chunk) end
  end

  -- The list has ended, or somebody has deleted it.
  local offset = (last_below(newest, WHEN, limit) or -ENTRY) + ENTRY
  if offset < #newest then return chunks, struct.unpack('<dd', newest, offset + 1) end
  return chunks
end

-- The entries with less before each that is newer than the one charged at a moment, and whether that is among them.
local function without_units(entries, units, moment)
  local changed, found = {}, false
  for offset = 1, #entries, ENTRY do
    local when, before = struct.unpack('<dd', entries, offset)
    found = found or when == moment
    changed[#changed + 1] = struct.pack('<dd', when, when > moment and before - units or before)
  end
  return table.concat(changed), found
end

--# shared setup
local newest_L, total_L, chunks_L, refunded_L, back_L, records_L, windows_L, least_L, gone_L, taken_back_L
local longest_L, count_L = 0, 0

--# setup
local chunk_N, oldest_N, before_oldest_N
if window_N > longest_L then longest_L = window_N end
count_L = count_L + 1

-- Until the entry has left with which there is room enough: the last of those before which fewer units were charged than must have left.
local function wait_N(units)
  local leave = total_L + units - permits_N
  local when
  if leave <= before_oldest_N then
    when = now - window_N
  elseif leave <= before_oldest_N + 1 and refunded_L == 0 then
    when = oldest_N
  else
    local entries, offset = back_L, last_below(back_L, BEFORE, leave)
    if not offset then
      entries = last_chunk_below(own_L, chunk_N, chunks_L, BEFORE, leave)
      offset = entries and last_below(entries, BEFORE, leave)
    end
    when = offset and unpack_numbers('<d', entries, offset + WHEN) or now - window_N
  end
  local us = when + window_N - now
  if us < newest_L - now then us = newest_L - now end
  return us > 0 and us or 0
end

--# shared look
newest_L, total_L, chunks_L, refunded_L, back_L, windows_L, least_L, gone_L = 0, 0, 0, 0, '', 0, math.huge, 0
if offset + 55 <= #state then
  local kind, newest, total, chunks, refunded, windows, back, next = unpack_numbers('<ddddddd', state, offset)
  if kind == KIND then
    offset = next + back + 32 * windows
    if newest > now - longest_L then
      newest_L, total_L, chunks_L, refunded_L, windows_L, records_L = newest, total, chunks, refunded, windows, next + back
      back_L = string.sub(state, next, records_L - 1)
    else
      gone_L = chunks
    end
  else
    offset = math.huge
  end
end

--# look
do
  local limit = (newest_L > now and newest_L or now) - window_N + 1
  chunk_N, oldest_N, before_oldest_N = 0, 0, 0
  if windows_L > 0 then
    local window, chunk, oldest, before
    window, chunk, oldest, before, records_L = unpack_numbers('<dddd', state, records_L)
    windows_L = windows_L - 1
    if window == window_N then chunk_N, oldest_N, before_oldest_N = chunk, oldest, before end
  end
  if newest_L < limit then
    chunk_N, oldest_N, before_oldest_N = chunks_L, newest_L, total_L
  elseif oldest_N < limit then
    chunk_N, oldest_N, before_oldest_N = oldest_from(own_L, chunk_N, chunks_L, back_L, limit)
    if not oldest_N then oldest_N, before_oldest_N = newest_L, total_L end
  end
  if chunk_N < least_L then least_L = chunk_N end
  available_N = newest_L > now and 0 or permits_N - (total_L - before_oldest_N)
  if available_N < 0 then available_N = 0 end
end

--# shared charge
if gone_L > 0 then
  redis.call('UNLINK', own_L)
  gone_L = 0
end
if #back_L == CHUNK and newest_L ~= moment then
  local gone = chunks_L == 0 and last_below(back_L, WHEN, now - longest_L + 1)
  if gone then
    back_L = string.sub(back_L, gone + ENTRY + 1)
  else
    redis.call('RPUSH', own_L, back_L)
    redis.call('PEXPIRE', own_L, math.ceil((newest_L + longest_L - now) / 1000) + 1000)
    chunks_L, back_L = chunks_L + 1, ''
  end
end
-- What is charged at one moment is one entry.
if newest_L ~= moment then back_L = back_L .. pack_numbers('<dd', moment, total_L) end
newest_L, total_L = moment, total_L + units

--# charge
if before_oldest_N == total_L - units then chunk_N, oldest_N = chunks_L, moment end

--# shared refund
do
  local back, found = without_units(back_L, units, moment)
  local chunks, number = {}, chunks_L
  while not found and number > 0 do
    number = number - 1
    local chunk = redis.call('LINDEX', own_L, number)
    if not chunk then break end
    chunks[number], found = without_units(chunk, units, moment)
  end
  -- Nothing changes where the charge has left.
  if found then
    for place, chunk in pairs(chunks) do redis.call('LSET', own_L, place, chunk) end
    back_L, total_L, refunded_L, taken_back_L = back, total_L - units, 1, true
  end
end

--# refund
if taken_back_L then
  if oldest_N > moment then before_oldest_N = before_oldest_N - units end
  if before_oldest_N > total_L then before_oldest_N = total_L end
end

--# shared note
if least_L > 0 and chunks_L > 0 then
  redis.call('LTRIM', own_L, least_L, -1)
else
  least_L = 0
end
records_L = ''

--# note
records_L = records_L .. pack_numbers('<dddd', window_N, chunk_N - least_L, oldest_N, before_oldest_N)

--# shared save
text = text .. pack_numbers('<ddddddd', KIND, newest_L, total_L, chunks_L - least_L, refunded_L, count_L, #back_L) .. back_L .. records_L
if newest_L + longest_L - now > needed then needed = newest_L + longest_L - now end
