-- Sliding window log: at any moment at most `permits` units in the window (now - window, now].
--
-- All sliding windows of a policy charge alike, so they share one log: a queue of charges, each as (units charged before it, when in us). The newest
-- ones are in the state, older ones in a list of chunks in the key LOG behind the state's: most keys never have it, and the others touch it once per chunk.
-- Units in a window are all that were ever charged less those before the oldest entry in it.
--
-- State: chunks in the list, a number that stands for the windows' lengths and is negative once anything was refunded; where there is a list, a copy of
-- the chunk that each window's oldest entry is in; the newest entries; units ever charged, and of each window where in the log its oldest entry is,
-- in bytes: the log's end where it has none. The last number of the entries is when the newest was, and the first behind them what was charged before the
-- next. So a charge mostly reads nothing but the state, and writes only when it was and what is behind that.
-- A newest entry in the future is a slot that somebody waits for, or a clock that was set back: time stands still until then.

--# prelude
-- Redis hashes every text that a script makes from its first byte to its last, so they are few and short.
local ENTRY, CHUNK = 16, 8 * 16
local BEFORE, WHEN = 1, 9
local LOG = ':log'

-- Redis is slow to write a number as text, and the keys of a call mostly need the same ones.
local texts = {}
local function text_of(number)
  local text = texts[number]
  if not text then
    text = string.format('%d', number)
    texts[number] = text
  end
  return text
end

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
    local chunk = call('LINDEX', key .. LOG, middle)
    if chunk and unpack_numbers('<d', chunk, field) < limit then
      low, found, number = middle + 1, chunk, middle
    else
      high = middle - 1
    end
  end
  return found, number
end

--# shared fields
newest_L, total_L

--# shared lasting
chunks_L, lengths_L

--# fields
at_N

--# shared setup
-- The newest entries are in the state until they are needed as a text of their own; an entry of this call then comes behind them.
local newest_at_L, newest_size_L, newest_entries_L, entry_L, size_L, listed_L
local is_whole_L, pushed_L, pushed_at_L, is_new_list_L, cut_L, least_L, gone_L, taken_back_L, has_changed_L
local longest_L, windows_L, windows_mark_L = 0, 0, 0

--# setup
local oldest_N, before_oldest_N, copy_N, is_copied_N
local copy_at_N = FRONT_BYTES + windows_L * CHUNK + 1
windows_L = windows_L + 1
windows_mark_L = (windows_mark_L * 31 + window_N) % 1000000007 + 1
if window_N > longest_L then longest_L = window_N end

--# shared look
entry_L, pushed_L, is_new_list_L, least_L = nil, nil, false, HUGE
if not is_known or newest_L <= now - longest_L then
  -- Some chunks may be there still.
  gone_L = not is_known or chunks_L > 0
  newest_L, total_L, chunks_L, lengths_L, newest_at_L, newest_entries_L, size_L, is_whole_L, has_changed_L = 0, 0, 0, windows_mark_L, FRONT_BYTES + 1, '', 0, true, true
else
  newest_at_L = FRONT_BYTES + (chunks_L > 0 and windows_L * CHUNK or 0) + 1
  newest_size_L = #state - BACK_BYTES + WHEN - newest_at_L
  gone_L, newest_entries_L, size_L, is_whole_L, has_changed_L = false, nil, newest_size_L, false, false
  if lengths_L ~= windows_mark_L and lengths_L ~= -windows_mark_L then
    has_changed_L, is_whole_L, lengths_L = true, true, lengths_L < 0 and -windows_mark_L or windows_mark_L
  end
end
listed_L = chunks_L * CHUNK

--# look
do
  local limit = (newest_L > now and newest_L or now) - window_N + 1
  copy_N, is_copied_N = nil, false
  if newest_L < limit then
    at_N, oldest_N, before_oldest_N = listed_L + size_L, newest_L, total_L
  else
    if has_changed_L then
      at_N = 0
      if chunks_L > 0 then copy_N, is_copied_N = call('LINDEX', key .. LOG, '0') or string.rep('\0', CHUNK), true end
    end
    while true do
      if at_N < listed_L then
        if copy_N then
          before_oldest_N, oldest_N = unpack_numbers('<dd', copy_N, at_N % CHUNK + 1)
        else
          before_oldest_N, oldest_N = unpack_numbers('<dd', state, at_N % CHUNK + copy_at_N)
        end
      else
        before_oldest_N, oldest_N = unpack_numbers('<dd', state, at_N - listed_L + newest_at_L)
      end
      if oldest_N >= limit then break end
      at_N = at_N + ENTRY
      if at_N < listed_L and at_N % CHUNK == 0 then
        -- Where somebody has deleted the list there is none.
        copy_N, is_copied_N = call('LINDEX', key .. LOG, text_of(at_N / CHUNK)) or string.rep('\0', CHUNK), true
        if unpack_numbers('<d', copy_N, CHUNK - ENTRY + WHEN) < limit then
          -- After a rest many have left.
--insert last_below
--insert last_chunk_below
          local chunk, number = last_chunk_below(at_N / CHUNK, WHEN, limit)
          if chunk then
            copy_N, at_N = chunk, number * CHUNK + last_below(chunk, WHEN, limit)
          else
            at_N = listed_L
          end
        end
      end
    end
  end
  if at_N < least_L then least_L = at_N end
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
  elseif leave <= before_oldest_N + 1 and lengths_L > 0 then
    when = oldest_N
  else
--insert last_below
--insert last_chunk_below
--insert newest_apart
    local entries, place = newest_entries_L, last_below(newest_entries_L, BEFORE, leave)
    if not place then
      entries = last_chunk_below(math.floor(at_N / CHUNK), BEFORE, leave)
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
  call('UNLINK', key .. LOG)
  gone_L = false
end
cut_L = 0
-- What is charged at one moment is one entry.
if newest_L ~= moment then
  if size_L >= CHUNK and newest_L <= now and moment <= now then
--insert newest_apart
    is_whole_L = true
    if chunks_L == 0 then
--insert last_below
      cut_L = (last_below(newest_entries_L, WHEN, now - longest_L + 1) or -ENTRY) + ENTRY
      newest_entries_L, least_L = string.sub(newest_entries_L, cut_L + 1), least_L - cut_L
    end
    -- More than one where slots have come.
    pushed_at_L = listed_L
    for first = 1, #newest_entries_L - CHUNK + 1, CHUNK do
      if call('RPUSH', key .. LOG, string.sub(newest_entries_L, first, first + CHUNK - 1)) == 1 then is_new_list_L = true end
      chunks_L = chunks_L + 1
    end
    listed_L = chunks_L * CHUNK
    if listed_L > pushed_at_L then
      pushed_L, newest_entries_L = newest_entries_L, string.sub(newest_entries_L, listed_L - pushed_at_L + 1)
    end
    size_L = #newest_entries_L
  end
  if moment == now and not newest_entries_L then
    entry_L = total_L
  else
--insert newest_apart
    newest_entries_L, is_whole_L = newest_entries_L .. pack_numbers('<dd', total_L, moment), true
  end
  size_L = size_L + ENTRY
end
newest_L, total_L = moment, total_L + units

--# charge
at_N = at_N - cut_L
if pushed_L and at_N >= pushed_at_L and at_N < listed_L then
  local first = at_N - pushed_at_L - at_N % CHUNK
  copy_N = string.sub(pushed_L, first + 1, first + CHUNK)
end
if before_oldest_N == total_L - units then oldest_N = moment end

--# shared refund
do
  -- The entries with less before each that is newer than the one charged at the moment, and whether that is among them.
  local function without_units(entries)
    local changed, found = {}, false
    for place = 0, #entries - ENTRY, ENTRY do
      local before, when = unpack_numbers('<dd', entries, place + BEFORE)
      found = found or when == moment
      changed[#changed + 1] = pack_numbers('<dd', when > moment and before - units or before, when)
    end
    return table.concat(changed), found
  end
  local newest, found = without_units(newest_entries_L)
  local chunks, number = {}, chunks_L
  while not found and number > 0 do
    number = number - 1
    local chunk = call('LINDEX', key .. LOG, number)
    if not chunk then break end
    chunks[number], found = without_units(chunk)
  end
  -- Nothing changes where the charge has left.
  if found then
    for place, chunk in pairs(chunks) do call('LSET', key .. LOG, place, chunk) end
    newest_entries_L, total_L, is_whole_L, taken_back_L = newest, total_L - units, true, chunks
    if lengths_L > 0 then lengths_L = -lengths_L end
  end
end

--# refund
if taken_back_L then copy_N = taken_back_L[math.floor(at_N / CHUNK)] or copy_N end

--# shared note
-- The list is trimmed once for several chunks.
cut_L = 0
if chunks_L > 0 and newest_L <= now and (least_L >= 4 * CHUNK or least_L >= listed_L) then
  local left = math.min(math.floor(least_L / CHUNK), chunks_L)
  call('LTRIM', key .. LOG, text_of(left), '-1')
  chunks_L, cut_L, is_whole_L = chunks_L - left, left * CHUNK, true
end
if newest_L + longest_L - now > needed then needed = newest_L + longest_L - now end

--# note
at_N = at_N - cut_L

--# newest_apart
if not newest_entries_L then
  newest_entries_L = string.sub(state, newest_at_L, newest_at_L + newest_size_L - 1)
  if entry_L then newest_entries_L = newest_entries_L .. pack_numbers('<dd', entry_L, newest_L) end
end

--# shared apart
--insert newest_apart
is_whole_L = true
-- Where there is none yet, one of long ago stands for it.
if size_L == 0 then newest_entries_L, size_L = pack_numbers('<dd', 0, 0), ENTRY end

--# apart
if not copy_N and newest_at_L > FRONT_BYTES + 1 then copy_N = string.sub(state, copy_at_N, copy_at_N + CHUNK - 1) end

--# head
, chunks_L > 0 and (copy_N or string.rep('\0', CHUNK)) or ''

--# shared behind
, string.sub(newest_entries_L, 1, -WHEN)

--# shared brief
if chunks_L > 0 and (not lives or is_new_list_L) then call('PEXPIRE', key .. LOG, math.ceil((ends - now) / 1000) + 1000) end
if lives and not is_whole_L then
  -- What was charged before an entry stands there already, as all that was ever charged until now.
  call('SETRANGE', key, text_of(newest_at_L + newest_size_L - WHEN + (entry_L and ENTRY or 0)), pack_numbers('<BACK' FIELDS))
  is_written = true
end

--# brief
if is_written and is_copied_N and at_N < listed_L then call('SETRANGE', key, text_of(copy_at_N - 1), copy_N) end
