-- ARGV[6] the value, [7] its end, [8] Redis's own expiry in milliseconds.
if not passes() then
  return {'stale'}
end
if ARGV[4] ~= '' and find() ~= ARGV[4] then
  return {'changed'}
end
sweep('2')
-- Never below the time: a Redis that has lost everything gives no version a second time.
local version = text_of(math.max(tonumber(redis.call('GET', KEYS[4]) or '0') + 1, now))
redis.call('SET', KEYS[4], version)
redis.call('HSET', KEYS[1], 'value', ARGV[6], 'version', version, 'ends', ARGV[7])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
redis.call('ZADD', KEYS[2], '0', ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[7], ARGV[1])
return {'done', version}
