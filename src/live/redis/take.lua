-- KEYS[1] the bucket: when it is full again. ARGV[1] now, [2] what the tokens are worth in time, [3] what a whole bucket is.
local now, cost, whole = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local function keep(ends)
  local lives = math.ceil((ends - now) / 1000) + 1000
  redis.call('SET', KEYS[1], string.format('%.0f', ends), 'PX', string.format('%.0f', lives))
end

local known = tonumber(redis.call('GET', KEYS[1]) or '0')
local from = math.max(math.min(known, now + whole), now)
if from + cost <= now + whole then
  keep(from + cost)
  return {1, from + cost}
end
if known > now + 2 * whole then
  -- The clock went back, by more than clocks differ: the bucket is empty now, and not emptier than that.
  keep(now + whole)
end
return {0, from}
