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
remove(ARGV[1])
return 'done'
