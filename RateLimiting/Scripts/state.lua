-- Reads and writes the state of a key; the layout is in driver.lua.

--# read
local is_known, tail_at = state and #state >= SIZE
if is_known then
  shape, ends FIELDS, tail_at = unpack_numbers('<ddFORMAT', state)
  is_known = shape == SHAPE
end

--# write
local needed = 0
--each tier
--insert note
--end
if needed > 0 then
  -- Redis does more for a time to live than for the text, so it is set anew when it gets short, not each time; and less for a text that isn't shorter.
  local lives = is_known and ends >= now + needed
  if not lives then ends = now + needed + math.max(1000000, needed / 4) end
  local length = state and #state
  state = pack_numbers('<ddFORMAT', SHAPE, ends FIELDS)
--each tier
--insert tail
--end
  if not lives then
    redis.call('SET', key, state, 'PX', math.ceil((ends - now) / 1000) + 1000)
  elseif #state < length then
    redis.call('SET', key, state, 'KEEPTTL')
  else
    redis.call('SETRANGE', key, '0', state)
  end
elseif state then
  redis.call('UNLINK', key)
end
