-- KEYS[1] the lease. ARGV[1] owner, [2] generation, [3] now, [4] the new end, [5] how long it lasts. With an end of 0 it is
-- released.
local held = redis.call('HMGET', KEYS[1], 'generation', 'owner', 'ends')
if held[1] ~= ARGV[2] or held[2] ~= ARGV[1] or tonumber(held[3]) <= tonumber(ARGV[3]) then
  return 0
end
redis.call('HSET', KEYS[1], 'ends', ARGV[4], 'duration', ARGV[5])
return 1
