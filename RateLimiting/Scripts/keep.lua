--# keep
-- The state of all tiers is one text: when its time to live ends (us), then tier after tier. Redis does more for a time to live than
-- for the text, so it is set anew when it gets short, not each time.
    local text, needed = '', 0
--each tier
--insert note
--end
--each tier
--insert save
--end
    if needed > 0 then
      local ends = state ~= '' and unpack_numbers('<d', state) or 0
      if ends >= now + needed then
        state = pack_numbers('<d', ends) .. text
        redis.call('SET', key, state, 'KEEPTTL')
      else
        local live = needed + math.max(1000000, needed / 4)
        state = pack_numbers('<d', now + live) .. text
        redis.call('SET', key, state, 'PX', math.ceil(live / 1000) + 1000)
      end
    elseif text ~= '' then
      redis.call('UNLINK', key)
    end
