-- KEYS[1] the lease. ARGV[1] owner, [2] the generation asked for or 0, [3] now, [4] its end, [5] how long it lasts.
local held = redis.call('HMGET', KEYS[1], 'generation', 'owner', 'ends', 'duration')
local wanted, now = tonumber(ARGV[2]), tonumber(ARGV[3])
local generation = tonumber(held[1] or '0')
local ends = tonumber(held[3] or '0')
local is_mine = held[2] == ARGV[1]
local is_given
if wanted == 0 then
  is_given = ends <= now or is_mine
  wanted = generation + 1
else
  is_given = wanted > generation or (wanted == generation and (is_mine or held[2] == ''))
end
if is_given then
  redis.call('HSET', KEYS[1], 'generation', string.format('%.0f', wanted), 'owner', ARGV[1], 'ends', ARGV[4],
    'duration', ARGV[5])
  return {1, ARGV[1], wanted, tonumber(ARGV[4])}
end
-- The clock went back, by more than clocks differ: nobody has it for longer than it lasts.
local latest = now + tonumber(held[4])
if ends > latest + tonumber(held[4]) then
  ends = latest
  redis.call('HSET', KEYS[1], 'ends', string.format('%.0f', ends))
end
return {0, held[2], generation, ends}
