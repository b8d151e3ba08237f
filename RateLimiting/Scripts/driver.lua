-- Decides calls for any number of keys of one policy, those of a key in the order of their coming, in one step: looks at every tier, grants each
-- call that all tiers can serve, and charges every tier what was granted. A refused call charges nothing.
--
-- This is a template: a policy's script is put together once, of straight code without a table or a function call per tier. What stands between
-- "each tier" and "end" stands there once per tier, with the tier's number in place of N and the named parts of its algorithm's file inserted;
-- what stands in braces in a format stands there once per tier too. LASTING and FIELDS are the numbers of all tiers, each behind a comma, NAMES the
-- fields alone. FRONT, TEXTS and BACK are the formats of the three parts of a state, FRONT_BYTES and BACK_BYTES the lengths of the outer ones. SHAPE is a
-- number that says which algorithms have written it.
--
-- KEYS  per subject its state; then per subject and tier the key of its own where the algorithm has one. Redis asks for a script's keys to find the slot
--          that they are in; keys whose names begin with a state's name and go on behind its hash tag are in the same, and aren't told
-- ARGV  1: doubles: number of subjects; of each tier: permits, window in us, capacity; then of subjects alike: how many (1 where they have several runs),
--          number of runs, and runs of calls alike: number of calls, units of each, longest wait in us (0 not at all, -1 only asks)
--       2: what the leases' names begin with, unique to this call
-- Returns doubles: the time in us; per subject that has one run, all granted at once, per tier: available before the calls, us to reset after them.
-- Per other subject -1, and per tier: available before the calls, us to reset before and after them;
-- then per run: calls granted, us until the first refused one would be granted (0 where none is), number of the tier that binds it;
-- for a run that may wait, in place of these three: per call 1 or 0, us until its slot or until it would be granted, tier that binds it
--
-- The state of all tiers is one text, so that reading it and writing it are a step each: SHAPE, when its time to live ends (us), the last slot's
-- moment, LASTING; texts of the algorithms' own; FIELDS.
--
-- An algorithm has, for units up to the tier's capacity,
--   fields  numbers that its state is made of
--   lasting others, which most charges leave as they are; where it has texts
--   setup   locals
--   look    sets available_N, units that can be charged now, from the fields where is_known, and the fields
--   wait    sets own: us until units are available, all charges of this call counted
--   charge  so many units at a moment not before now, for so many calls that take alike, from the first of the subject on
--   refund  takes back what still counts of a charge of units at a moment; where units come back in no other way
--   note    raises needed to the us that the state is needed for, before it is written
--   head    a text behind the lasting numbers of the state, if it has one
--   behind  another behind the heads of all tiers, right in front of its own fields
--   apart   takes what is needed of the texts out of the state
--   brief   writes less than the whole state where that will do, and sets is_written
--   own     a key of its own, own_N

local call, unpack_numbers, pack_numbers, HUGE = redis.call, struct.unpack, struct.pack, math.huge
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local input = ARGV[1]
local subjects,
--each tier
  permits_N, window_N, capacity_N,
--end
  alike, runs, calls, each, longest, at = unpack_numbers('<d{ddd}ddddd', input)
local shape, ends, ahead LASTING FIELDS
--each tier
local available_N, own_N
--insert setup
--end

-- States are read some at a time: Redis has 16 KB ready for a command's answer, and collects a larger one piece by piece.
local TOGETHER = 16
local states = subjects > 1 and {}
local next_key = subjects + 1
local answer, told = {}, 0

for subject = 1, subjects do
  local key = KEYS[subject]
  local state
  if states then
    local place = (subject - 1) % TOGETHER
    if place == 0 then states = call('MGET', unpack(KEYS, subject, math.min(subject + TOGETHER - 1, subjects))) end
    state = states[place + 1]
  else
    state = call('GET', key)
  end
--insert read
  local available = HUGE
--each tier
--insert own
--insert look
  if available_N < available then available = available_N end
--end

  local granted, wait, binding
  local is_one = runs == 1 and (calls == 1 or longest <= 0)
  -- Nobody overtakes who has a slot.
  if ahead > now then available = 0 end

  local place, charged, is_slot, first = told + 1, false, false, 0
  told = told + 1
--each tier
  told = told + 3
--end
  local before_slots, slots = '', ''
--each tier
  local before_N, reset_N, after_N = available_N, 0, 0
--end
  -- Who is refused before anything is charged, or only asks, is told of the tiers as they were.
  if longest ~= 0 or available < each then
--each tier
    if available_N < capacity_N then
      local units, own = available_N + 1
--insert wait
      reset_N = own
    end
--end
  end

  for run = 1, runs do
    granted, wait, binding = 0, 0, 0
    if longest <= 0 then
      if available >= each then
        granted = calls
        if longest == 0 then
          if available < calls * each then granted = math.floor(available / each) end
          local units, moment, calls = granted * each, now, granted
          available, charged = available - units, true
--each tier
--insert charge
          available_N = available_N - units
--end
        end
      end
      if granted < calls then
        local units = each
--each tier
        if available_N < units then
          local own
--insert wait
          if own > wait then wait, binding = own, N end
        end
--end
        if ahead - now > wait then wait, binding = ahead - now, math.max(1, binding) end
      end
      if not is_one then
        answer[told + 1], answer[told + 2], answer[told + 3] = granted, wait, binding
        told = told + 3
      end
    else
      local units = each
      for first = first, first + calls - 1 do
        local calls = 1
        granted, wait, binding = 0, 0, 0
--each tier
        if available_N < units then
          local own
--insert wait
          if own > wait then wait, binding = own, N end
        end
--end
        if ahead - now > wait then wait, binding = ahead - now, math.max(1, binding) end
        if wait <= longest then
          local moment = now + wait
          charged, granted = true, 1
          if wait > 0 then
            is_slot = true
            if ahead <= now and slots == '' then
--insert apart
              before_slots =
--insert pack
            end
            slots = slots .. pack_numbers('<dd', moment, units)
            ahead = moment
          end
--each tier
--insert charge
          available_N = wait > 0 and 0 or available_N - units
--end
          available = wait > 0 and 0 or available - units
        end
        if not is_one then
          answer[told + 1], answer[told + 2], answer[told + 3] = granted, wait, binding
          told = told + 3
        end
      end
    end
    first = first + calls
    if run < runs then calls, each, longest, at = unpack_numbers('<ddd', input, at) end
  end

  if charged then
--insert write
    if is_slot then
      local list = key .. ':slots'
      if before_slots == '' then
        call('APPEND', list, slots)
      else
        call('SET', list, pack_numbers('<dd', now, #before_slots) .. before_slots .. slots)
      end
      call('PEXPIRE', list, math.ceil((ahead - now) / 1000) + 1000)
      -- A tier that has units is not said to have none because of the slots.
      is_known = true
--each tier
--insert look
--end
    end
--each tier
    if available_N < capacity_N then
      local units, own = available_N + 1
--insert wait
      after_N = own
    end
--end
  end

  local is_plain = is_one and longest == 0 and granted == calls
  if is_one and not states then
    if is_plain then
      return pack_numbers('<d{dd}', now
--each tier
        , before_N, after_N
--end
      )
    end
    return pack_numbers('<dd{ddd}ddd', now, -1,
--each tier
      before_N, reset_N, after_N,
--end
      granted, wait, binding)
  end
  if is_plain then
--each tier
    answer[place], answer[place + 1] = before_N, after_N
    place = place + 2
--end
    told = place - 1
  else
    answer[place] = -1
--each tier
    answer[place + 1], answer[place + 2], answer[place + 3] = before_N, reset_N, after_N
    place = place + 3
--end
    if is_one then
      answer[told + 1], answer[told + 2], answer[told + 3] = granted, wait, binding
      told = told + 3
    end
  end
  alike = alike - 1
  if alike == 0 and subject < subjects then alike, runs, calls, each, longest, at = unpack_numbers('<ddddd', input, at) end
end

-- Each text on the way costs about as much as its numbers, but Lua can't pass on very many of them at once.
if told <= 4000 then return pack_numbers('<d' .. string.rep('d', told), now, unpack(answer, 1, told)) end
local pieces = { pack_numbers('<d', now) }
for first = 1, told, 1000 do
  local last = math.min(first + 999, told)
  pieces[#pieces + 1] = pack_numbers('<' .. string.rep('d', last - first + 1), unpack(answer, first, last))
end
return table.concat(pieces)
