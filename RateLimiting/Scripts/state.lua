-- Reads and writes the state of a key; the layout is in driver.lua.
--
-- Slots whose time hasn't come are charged in the state like others. So that who gives one up leaves no trace, they are listed too, behind the state as
-- it was before the first of them, in a key beside it: when that was, its length, it, then per slot its moment and units. refund.lua counts anew from there.
-- While slots are ahead nothing else is granted, and the log's list stays as it is.

--# read
local is_known, tail_at = state and #state >= SIZE
if is_known then
  shape, ends, ahead FIELDS, tail_at = unpack_numbers('<dddFORMAT', state)
  is_known = shape == SHAPE
end
if not is_known then ahead = 0 end

--# pack
pack_numbers('<dddFORMATTAILS', SHAPE, ends or 0, ahead FIELDS
--each tier
--insert tail
--end
)

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
  state =
--insert pack
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
