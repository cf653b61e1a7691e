-- ARGV[6] and [7] the bounds, [8] how many keys are looked at. Gives the last key that was looked at, '' when there are no more,
-- and key, value, version and end of each that lives.
local keys = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[6], ARGV[7], 'LIMIT', '0', ARGV[8])
local found = {#keys == tonumber(ARGV[8]) and keys[#keys] or ''}
for _, key in ipairs(keys) do
  local value = redis.call('HMGET', ARGV[3] .. key, 'value', 'version', 'ends')
  if not value[1] or tonumber(value[3]) <= now then
    remove(key)
  else
    found[#found + 1] = key
    found[#found + 1] = value[1]
    found[#found + 1] = value[2]
    found[#found + 1] = value[3]
  end
end
return found
