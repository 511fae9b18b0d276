-- Prolongs many slots in one go. KEYS: of each slot the limit of its user; ARGV: limit, lease in ms,
-- then the slots. Returns for each 1, or 0 where others have taken the place of one whose lease ran out.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, lease, kept = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for i, key in ipairs(KEYS) do
  local slot = ARGV[i + 2]
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  if redis.call('ZSCORE', key, slot) or redis.call('ZCARD', key) < limit then
    redis.call('ZADD', key, now + lease, slot)
    redis.call('PEXPIRE', key, 2 * lease)
    kept[i] = 1
  else
    kept[i] = 0
  end
end
return kept
