-- Sliding window log: at any moment at most `permits` units in the window (now - window, now].
--
-- A queue of charges, each as (when in us, units charged before it): a list of chunks in a key of its own, and the newest ones in the state.
-- Most keys never have the list, and the others touch it once per chunk. Units in the window are all that were ever charged less those before the
-- oldest entry in it, which is in the state too. Outdated entries stay until the next charge.
--
-- State: the algorithm, when the newest entry was, units ever charged, chunks in the list, 1 where anything was refunded, the oldest entry, bytes of
-- the newest entries; then these.
-- A newest entry in the future is a slot that somebody waits for, or a clock that was set back: time stands still until then.

--# own
own_N = KEYS[next_key]
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

-- Goes to the first entry that isn't older than the limit: outdated chunks, the others, newest entries, and the entry.
local function without_outdated(key, chunks, back, limit)
  local outdated = 0
  local chunk = chunks > 0 and redis.call('LINDEX', key, 0)
  if chunk and struct.unpack('<d', chunk, #chunk - ENTRY + WHEN) < limit then
    chunk, outdated = last_chunk_below(key, 0, chunks, WHEN, limit)
  end
  if chunk then
    local gone = (last_below(chunk, WHEN, limit) or -ENTRY) + ENTRY
    if gone < #chunk then return outdated, chunks - outdated, back, struct.unpack('<dd', chunk, gone + 1) end
    outdated = outdated + 1
    chunk = chunks > outdated and redis.call('LINDEX', key, outdated)
    if chunk then return outdated, chunks - outdated, back, struct.unpack('<dd', chunk) end
  end

  -- The list is empty, or somebody has deleted it.
  local gone = last_below(back, WHEN, limit)
  if gone then back = string.sub(back, gone + ENTRY + 1) end
  if back == '' then return chunks, 0, back end
  return chunks, 0, back, struct.unpack('<dd', back)
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

--# setup
local newest_N, total_N, chunks_N, refunded_N, oldest_N, oldest_before_N, back_N, outdated_N

-- Until the entry has left with which there is room enough: the last of those before which fewer units were charged than must have left.
local function wait_N(units)
  local leave = total_N + units - permits_N
  local when
  if leave <= oldest_before_N then
    when = now - window_N
  elseif leave <= oldest_before_N + 1 and refunded_N == 0 then
    when = oldest_N
  else
    local entries, offset = back_N, last_below(back_N, BEFORE, leave)
    if not offset then
      entries = last_chunk_below(own_N, outdated_N, chunks_N, BEFORE, leave)
      offset = entries and last_below(entries, BEFORE, leave)
    end
    when = offset and unpack_numbers('<d', entries, offset + WHEN) or now - window_N
  end
  local us = when + window_N - now
  if us < newest_N - now then us = newest_N - now end
  return us > 0 and us or 0
end

--# look
newest_N, total_N, chunks_N, refunded_N, oldest_N, oldest_before_N, back_N, outdated_N = 0, 0, 0, 0, 0, 0, '', 0
available_N = permits_N
if offset + 63 <= #state then
  local kind, newest, total, chunks, refunded, oldest, oldest_before, back, next = unpack_numbers('<dddddddd', state, offset)
  if kind == KIND then
    offset = next + back
    if newest <= now - window_N then
      outdated_N = chunks
    else
      newest_N, total_N, chunks_N, refunded_N, oldest_N, oldest_before_N = newest, total, chunks, refunded, oldest, oldest_before
      back_N = string.sub(state, next, offset - 1)
      local limit = (newest > now and newest or now) - window_N + 1
      if oldest < limit then
        outdated_N, chunks_N, back_N, oldest_N, oldest_before_N = without_outdated(own_N, chunks, back_N, limit)
        if not oldest_N then oldest_N, oldest_before_N = newest, total end
      end
      available_N = newest > now and 0 or permits_N - (total - oldest_before_N)
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
  if chunks_N == 0 and back_N == '' then oldest_N, oldest_before_N = moment, total_N end
  back_N = back_N .. pack_numbers('<dd', moment, total_N)
  newest_N, total_N = moment, total_N + units
  if #back_N == CHUNK then
    redis.call('RPUSH', own_N, back_N)
    redis.call('PEXPIRE', own_N, math.ceil((moment + window_N - now) / 1000) + 1000)
    chunks_N, back_N = chunks_N + 1, ''
  end
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
  -- Nothing changes where the charge has left.
  if found and moment >= oldest_N then
    for place, chunk in pairs(chunks) do redis.call('LSET', own_N, place, chunk) end
    back_N, total_N, refunded_N = back, total_N - units, 1
  end
end

--# save
-- Chunks that wait for the next charge to be dropped count as outdated entries do: the look finds them again.
text = text .. pack_numbers('<dddddddd',
  KIND, newest_N, total_N, outdated_N + chunks_N, refunded_N, oldest_N, oldest_before_N, #back_N) .. back_N
if newest_N + window_N - now > needed then needed = newest_N + window_N - now end
