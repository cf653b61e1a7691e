-- KEYS[1] the count. ARGV[1] now, [2] what is added, [3] the end of a first one, [4] Redis's own expiry in milliseconds.
local known = redis.call('HMGET', KEYS[1], 'count', 'ends')
if known[1] and tonumber(known[2]) > tonumber(ARGV[1]) then
  return {redis.call('HINCRBY', KEYS[1], 'count', ARGV[2]), tonumber(known[2])}
end
redis.call('HSET', KEYS[1], 'count', ARGV[2], 'ends', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {tonumber(ARGV[2]), tonumber(ARGV[3])}
