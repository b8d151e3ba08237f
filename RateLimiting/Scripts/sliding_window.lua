-- Sliding window log: at any moment at most `permits` units in the window (now - window, now].
--
-- All sliding windows of a policy charge alike, so they share one log: a queue of charges, each as (when in us, units charged before it). The newest
-- ones are in the state, older ones in a list of chunks in a key of its own: most keys never have the list, and the others touch it once per chunk.
-- Units in a window are all that were ever charged less those before the oldest entry in it, which is in the state too.
--
-- State: when the newest entry was, units ever charged, chunks in the list, 1 where anything was refunded. Then of each window the chunk where its
-- oldest entry is (one beyond the list: the newest ones), the entry's place there in bytes, the entry, the window's length, and the bytes of its preview
-- that are ahead. Behind it all the newest entries, and where there is a list each window's preview: in its end are the entries that follow the oldest
-- one in its chunk, so that most calls needn't read the list.
-- A newest entry in the future is a slot that somebody waits for, or a clock that was set back: time stands still until then.

--# shared own
own_L = KEYS[next_key]
next_key = next_key + 1

--# prelude
-- Redis hashes every text that a script makes from its first byte to its last, so they are short.
local ENTRY, CHUNK, PREVIEW = 16, 8 * 16, 4 * 16
local WHEN, BEFORE = 1, 9

--# last_below
-- The place of the last entry that has less than the limit, for entries that have more and more; nothing where there is none.
local function last_below(entries, field, limit)
  local found
  for place = 0, #entries - ENTRY, ENTRY do
    if unpack_numbers('<d', entries, place + field) >= limit then return found end
    found = place
  end
  return found
end

--# last_chunk_below
-- The last chunk that begins with less, and its number, among those from the first on.
local function last_chunk_below(first, field, limit)
  local low, high = first, chunks_L - 1
  local found, number
  while low <= high do
    local middle = math.floor((low + high) / 2)
    local chunk = redis.call('LINDEX', own_L, middle)
    if chunk and unpack_numbers('<d', chunk, field) < limit then
      low, found, number = middle + 1, chunk, middle
    else
      high = middle - 1
    end
  end
  return found, number
end

--# shared fields
newest_L, total_L, chunks_L, refunded_L

--# fields
chunk_N, place_N, oldest_N, before_oldest_N, length_N, ahead_N

--# shared setup
local back_L, cut_L, least_L, gone_L, taken_back_L
local longest_L, windows_L, previews_at_L = 0, 0

--# setup
local preview_N
windows_L = windows_L + 1
if window_N > longest_L then longest_L = window_N end

--# shared look
if not is_known or newest_L <= now - longest_L then
  -- Some chunks may be there still.
  gone_L = not is_known or chunks_L > 0
  newest_L, total_L, chunks_L, refunded_L, back_L, previews_at_L = 0, 0, 0, 0, '', nil
elseif tail_at then
  gone_L, previews_at_L = false, chunks_L > 0 and #state - windows_L * PREVIEW + 1
  back_L = string.sub(state, tail_at, previews_at_L and previews_at_L - 1 or -1)
end
least_L = math.huge

--# look
do
  local limit = (newest_L > now and newest_L or now) - window_N + 1
  if previews_at_L then
    preview_N = string.sub(state, previews_at_L, previews_at_L + PREVIEW - 1)
    previews_at_L = previews_at_L + PREVIEW
  end
  if newest_L == 0 or length_N ~= window_N then chunk_N, place_N, oldest_N, before_oldest_N, ahead_N = 0, -ENTRY, 0, 0, 0 end
  length_N = window_N
  if newest_L < limit then
    chunk_N, oldest_N, before_oldest_N, ahead_N = chunks_L, newest_L, total_L, 0
  elseif oldest_N < limit then
    -- Mostly the next one is the oldest now, or another of its chunk.
    local entries
    repeat
      place_N = place_N + ENTRY
      if ahead_N == 0 and not entries then entries = chunk_N < chunks_L and (redis.call('LINDEX', own_L, chunk_N) or '') or back_L end
      if ahead_N > 0 then
        oldest_N, before_oldest_N = unpack_numbers('<dd', preview_N, PREVIEW - ahead_N + WHEN)
        ahead_N = ahead_N - ENTRY
      elseif place_N < #entries then
        oldest_N, before_oldest_N = unpack_numbers('<dd', entries, place_N + WHEN)
      elseif chunk_N >= chunks_L then
        -- There would be one, had nobody deleted the list.
        oldest_N, before_oldest_N = newest_L, total_L
      else
        chunk_N, place_N = chunk_N + 1, -ENTRY
        entries = chunk_N < chunks_L and (redis.call('LINDEX', own_L, chunk_N) or '') or back_L
        if chunk_N < chunks_L and (entries == '' or unpack_numbers('<d', entries, #entries - ENTRY + WHEN) < limit) then
          -- After a rest many have left.
--insert last_below
--insert last_chunk_below
          local chunk, number = last_chunk_below(chunk_N, WHEN, limit)
          if chunk then
            chunk_N, entries, place_N = number, chunk, last_below(chunk, WHEN, limit)
          else
            chunk_N, entries = chunks_L - 1, ''
          end
        end
      end
    until oldest_N >= limit
    if entries and chunk_N < chunks_L then
      preview_N = string.sub(entries, place_N + ENTRY + 1, place_N + ENTRY + PREVIEW)
      ahead_N = #preview_N
      if ahead_N < PREVIEW then preview_N = string.rep(' ', PREVIEW - ahead_N) .. preview_N end
    end
  end
  if chunk_N < least_L then least_L = chunk_N end
  available_N = newest_L > now and 0 or permits_N - (total_L - before_oldest_N)
  if available_N < 0 then available_N = 0 end
end

--# wait
-- The entry must have left with which there is room enough: the last of those before which fewer units were charged than must leave.
do
  local leave = total_L + units - permits_N
  local when
  if leave <= before_oldest_N then
    when = now - window_N
  elseif leave <= before_oldest_N + 1 and refunded_L == 0 then
    when = oldest_N
  else
--insert last_below
--insert last_chunk_below
    local entries, place = back_L, last_below(back_L, BEFORE, leave)
    if not place then
      entries = last_chunk_below(chunk_N, BEFORE, leave)
      place = entries and last_below(entries, BEFORE, leave)
    end
    when = place and unpack_numbers('<d', entries, place + WHEN) or now - window_N
  end
  own = when + window_N - now
  if own < newest_L - now then own = newest_L - now end
  if own < 0 then own = 0 end
end

--# shared charge
if gone_L then
  redis.call('UNLINK', own_L)
  gone_L = false
end
cut_L = 0
if #back_L >= CHUNK and newest_L <= now and moment <= now and newest_L ~= moment then
  if chunks_L == 0 then
--insert last_below
    cut_L = (last_below(back_L, WHEN, now - longest_L + 1) or -ENTRY) + ENTRY
  end
  if cut_L > 0 then
    back_L = string.sub(back_L, cut_L + 1)
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
if before_oldest_N == total_L - units then
  chunk_N, place_N, oldest_N, ahead_N = chunks_L, #back_L - ENTRY, moment, 0
else
  place_N = place_N - cut_L
end

--# shared refund
do
  -- The entries with less before each that is newer than the one charged at the moment, and whether that is among them.
  local function without_units(entries)
    local changed, found = {}, false
    for place = 0, #entries - ENTRY, ENTRY do
      local when, before = unpack_numbers('<dd', entries, place + WHEN)
      found = found or when == moment
      changed[#changed + 1] = pack_numbers('<dd', when, when > moment and before - units or before)
    end
    return table.concat(changed), found
  end
  local back, found = without_units(back_L)
  local chunks, number = {}, chunks_L
  while not found and number > 0 do
    number = number - 1
    local chunk = redis.call('LINDEX', own_L, number)
    if not chunk then break end
    chunks[number], found = without_units(chunk)
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
  ahead_N = 0
end

--# shared note
if least_L > 0 and chunks_L > 0 and newest_L <= now then
  redis.call('LTRIM', own_L, least_L, -1)
  chunks_L = chunks_L - least_L
else
  least_L = 0
end
if newest_L + longest_L - now > needed then needed = newest_L + longest_L - now end

--# note
chunk_N = chunk_N - least_L

--# shared tail
, back_L

--# tail
, chunks_L > 0 and (preview_N or string.rep(' ', PREVIEW)) or ''
