-- Decides calls for any number of keys of one policy, those of a key in the order of their coming, in one step: looks at every tier, grants each
-- call that all tiers can serve, and charges every tier what was granted. A refused call charges nothing.
--
-- This is a template: a policy's script is put together once, of straight code without a table or a function call per tier. What stands between
-- "each tier" and "end" stands there once per tier, with the tier's number in place of N and the named parts of its algorithm's file inserted.
--
-- KEYS  per subject its state; then per subject and tier the key of its own where the algorithm has one
-- ARGV  1: doubles: number of subjects; of each tier: permits, window in us, capacity; then of each subject: number of runs, and
--          runs of calls alike: number of calls, units of each, longest wait in us (0 not at all, -1 only asks)
--       2: what the leases' names begin with, unique to this call
-- Returns doubles: the time in us; per subject and tier: available before the calls, us to reset before and after them;
-- then per run: calls granted, us until the first refused one would be granted (0 where none is), number of the tier that binds it;
-- for a run that may wait, in place of these three: per call 1 or 0, us until its slot or until it would be granted, tier that binds it
--
-- An algorithm has, for units up to the tier's capacity,
--   setup   locals, and wait_N(units): us until that many are available, all charges of this call counted
--   look    sets available_N, units that can be charged now, from what state holds from offset on; moves offset behind it
--   charge  so many units at a moment not before now, for so many calls that take alike, from the first of the subject on
--   refund  takes back what still counts of a charge of units at a moment; where units come back in no other way
--   note    says what save needs of it that stands at another tier
--   save    appends its state to text, and raises needed to the us that it is needed for; where it is in the common text
--   own     a key of its own, own_N

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local unpack_numbers, pack_numbers = struct.unpack, struct.pack
local input = ARGV[1]
local subjects, at = unpack_numbers('<d', input)

--each tier
local permits_N, window_N, capacity_N
permits_N, window_N, capacity_N, at = unpack_numbers('<ddd', input, at)
local available_N, own_N
--insert setup
--end

local function longest_wait(units)
  local wait, binding = 0, 0
--each tier
  if available_N < units then
    local own = wait_N(units)
    if own > wait then wait, binding = own, N end
  end
--end
  return wait, binding
end

local states = subjects > 1 and redis.call('MGET', unpack(KEYS, 1, subjects))
local next_key = subjects + 1
local answer = { pack_numbers('<d', now) }

for subject = 1, subjects do
  local state, offset = '', 9
  if states then state = states[subject] or '' else state = redis.call('GET', KEYS[1]) or '' end
  local available = math.huge
--each tier
--insert own
--insert look
  if available_N < available then available = available_N end
--end

  local runs
  runs, at = unpack_numbers('<d', input, at)
  local said = ''
  local charged, is_slot, first = false, false, 0
--each tier
  local before_N, reset_N, after_N = available_N, 0, 0
--end
  -- Who is refused before anything is charged, or only asks, is told of the tiers as they were.
  if runs == 0 or available < 1 or unpack_numbers('<d', input, at + 16) ~= 0 or available < unpack_numbers('<d', input, at + 8) then
--each tier
    if available_N < capacity_N then reset_N = wait_N(available_N + 1) end
--end
  end

  for _ = 1, runs do
    local calls, each, longest
    calls, each, longest, at = unpack_numbers('<ddd', input, at)
    if longest <= 0 then
      local granted = 0
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
      local wait, binding = 0, 0
      if granted < calls then wait, binding = longest_wait(each) end
      said = said .. pack_numbers('<ddd', granted, wait, binding)
    else
      local units = each
      for first = first, first + calls - 1 do
        local calls = 1
        local wait, binding = longest_wait(units)
        if wait <= longest then
          local moment = now + wait
          charged, is_slot = true, is_slot or wait > 0
--each tier
--insert charge
          -- Nobody overtakes a call that has a slot in the future.
          available_N = wait > 0 and 0 or available_N - units
--end
          available = wait > 0 and 0 or available - units
          said = said .. pack_numbers('<ddd', 1, wait, binding)
        else
          said = said .. pack_numbers('<ddd', 0, wait, binding)
        end
      end
    end
    first = first + calls
  end

  if charged then
    local key = KEYS[subject]
--insert keep
    if is_slot then
      -- Nobody may overtake, but a tier that has units is not said to have none.
      offset = 9
--each tier
--insert look
--end
    end
--each tier
    if available_N < capacity_N then after_N = wait_N(available_N + 1) end
--end
  end
--each tier
  answer[#answer + 1] = pack_numbers('<ddd', before_N, reset_N, after_N)
--end
  answer[#answer + 1] = said
end

return table.concat(answer)
