if find() == '0' then
  return {}
end
return redis.call('HMGET', KEYS[1], 'value', 'version', 'ends')
