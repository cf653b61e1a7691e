-- KEYS[1] the count. ARGV[1] now.
local known = redis.call('HMGET', KEYS[1], 'count', 'ends')
if not known[1] then
  return {}
end
if tonumber(known[2]) <= tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[1])
  return {}
end
return {tonumber(known[1]), tonumber(known[2])}
