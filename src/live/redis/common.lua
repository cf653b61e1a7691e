-- What the scripts on values begin with (docs/live.md).
-- KEYS[1] the value, [2] all keys in order, [3] all keys by their ends, [4] the last version, [5] the fence's lease.
-- ARGV[1] the key, [2] now, [3] what the names of values begin with, [4] the version or '', [5] the fence's generation or 0.
local now = tonumber(ARGV[2])

-- Numbers are handed to Redis as whole ones: its own text of them loses digits.
local function text_of(number)
  return string.format('%.0f', number)
end

local function remove(key)
  redis.call('DEL', ARGV[3] .. key)
  redis.call('ZREM', KEYS[2], key)
  redis.call('ZREM', KEYS[3], key)
end

-- The version of what lives under the key, or '0'. What has ended goes.
local function find()
  local found = redis.call('HMGET', KEYS[1], 'version', 'ends')
  if not found[1] then
    return '0'
  end
  if tonumber(found[2]) <= now then
    remove(ARGV[1])
    return '0'
  end
  return found[1]
end

-- False for a generation that is not the newest; a newer one than the lease has seen raises it, and nobody has it then.
local function passes()
  local wanted = tonumber(ARGV[5])
  if wanted == 0 then
    return true
  end
  local last = tonumber(redis.call('HGET', KEYS[5], 'generation') or '0')
  if last < wanted then
    redis.call('HSET', KEYS[5], 'generation', ARGV[5], 'owner', '', 'ends', '0', 'duration', '0')
    last = wanted
  end
  return last == wanted
end

-- Takes away some of those that have ended.
local function sweep(most)
  local ended = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[2], 'LIMIT', '0', most)
  for _, key in ipairs(ended) do
    remove(key)
  end
  return #ended
end
