-- Writes a snapshot only when it is newer, or as new with other soft state, and tells everybody.
-- KEYS: snapshot hash, fold state. ARGV: version, soft, body, state, seconds to live, channel.
local held = redis.call('HMGET', KEYS[1], 'version', 'soft')
if held[1] then
  local old, new = tonumber(held[1]), tonumber(ARGV[1])
  if new < old or (new == old and held[2] == ARGV[2] and redis.call('EXISTS', KEYS[2]) == 1) then
    return 0
  end
end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'soft', ARGV[2], 'body', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[5])
redis.call('PUBLISH', ARGV[6], ARGV[3])
return 1
