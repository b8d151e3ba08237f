-- Reads and writes the state of a key; the layout is in driver.lua.
--
-- Slots whose time hasn't come are charged in the state like others. So that who gives one up leaves no trace, they are listed too, behind the state as
-- it was before the first of them, in a key beside it: when that was, its length, it, then per slot its moment and units. refund.lua counts anew from there.
-- While slots are ahead nothing else is granted, and the log's list stays as it is.

--# read
local is_known = state and #state >= FRONT_BYTES + BACK_BYTES
if is_known then
--insert numbers
  is_known = shape == SHAPE
end
if not is_known then ahead = 0 end

--# numbers
  shape, ends, ahead LASTING FIELDS = unpack_numbers('<FRONTBACK', state)

--# numbers_around_texts
  shape, ends, ahead LASTING = unpack_numbers('<FRONT', state)
  NAMES = unpack_numbers('<BACK', state, #state - BACK_BYTES + 1)

--# apart
--each tier
--insert apart
--end

--# pack
pack_numbers('<FRONTTEXTSBACK', SHAPE, ends or 0, ahead LASTING
--each tier
--insert head
--end
--each tier
--insert behind
--end
FIELDS
)

--# write
local needed = 0
--each tier
--insert note
--end
if needed > 0 then
  -- Redis does more for a time to live than for the text, so it is set anew when it gets short, not each time; and less for a text that isn't shorter.
  local lives, is_written = is_known and ends >= now + needed, false
  if not lives then ends = now + needed + math.max(1000000, needed / 4) end
--each tier
--insert brief
--end
  if not is_written then
    local length = state and #state
--insert apart
    state =
--insert pack
    if not lives then
      call('SET', key, state, 'PX', math.ceil((ends - now) / 1000) + 1000)
    elseif #state < length then
      call('SET', key, state, 'KEEPTTL')
    else
      call('SETRANGE', key, '0', state)
    end
  end
elseif state then
  call('UNLINK', key)
end
