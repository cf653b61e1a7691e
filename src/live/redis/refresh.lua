-- ARGV[6] the new end, [7] Redis's own expiry in milliseconds.
if not passes() then
  return 'stale'
end
local version = find()
if version == '0' then
  return 'absent'
end
if ARGV[4] ~= '' and version ~= ARGV[4] then
  return 'changed'
end
redis.call('HSET', KEYS[1], 'ends', ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[7])
redis.call('ZADD', KEYS[3], ARGV[6], ARGV[1])
return 'done'
