-- Decides a batch of calls for one key, in order, in one step: looks at every tier, grants each call that all tiers can
-- serve, and then charges every tier what was granted. A refused call charges nothing.
--
-- KEYS  one per tier
-- ARGV  per tier: algorithm, permits, window in us; then runs of calls that take alike: number of calls, units of each
-- Returns per tier: available before the calls, us to reset before and after them;
-- then per run: calls granted, us until the first refused one would be granted (0 where none is), number of the tier that binds it
--
-- An algorithm has
--   look(key, permits, window, now) -> tier with available (whole units) and reset (us until it grows, 0 where untouched)
--   wait(tier, units)               -> us until that many units are available, all of them counted from the look
--   charge(tier, units)             -> us to reset afterwards

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local tiers = {}
local available = math.huge
for number, key in ipairs(KEYS) do
  local at = 3 * number - 2
  local algorithm = algorithms[ARGV[at]]
  local tier = algorithm.look(key, tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), now)
  tier.algorithm = algorithm
  tiers[number] = tier
  available = math.min(available, tier.available)
end

local runs = {}
local taken = 0
for at = 3 * #KEYS + 1, #ARGV, 2 do
  local calls, units = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local granted = math.max(0, math.min(calls, math.floor((available - taken) / units)))
  taken = taken + granted * units
  local wait, binding = 0, 0
  if granted < calls then
    for number, tier in ipairs(tiers) do
      if tier.available < taken + units then
        local tier_wait = tier.algorithm.wait(tier, taken + units)
        if tier_wait > wait then wait, binding = tier_wait, number end
      end
    end
  end
  runs[#runs + 1] = granted
  runs[#runs + 1] = wait
  runs[#runs + 1] = binding
end

local answer = {}
for _, tier in ipairs(tiers) do
  answer[#answer + 1] = tier.available
  answer[#answer + 1] = tier.reset
  answer[#answer + 1] = taken > 0 and tier.algorithm.charge(tier, taken) or tier.reset
end
for _, number in ipairs(runs) do answer[#answer + 1] = number end
return answer
