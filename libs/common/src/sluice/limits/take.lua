-- A sliding window: at most ARGV[1] within ARGV[2] ms. Members are `id:cost`, scores are times.
-- ARGV: limit, window, cost, id, 1 to take or 0 to look. Returns allowed, used, reset in ms.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local entries = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local used = 0
for i = 1, #entries, 2 do
  used = used + tonumber(string.match(entries[i], ':(%d+)$'))
end
if used + cost > limit then
  local freed = 0
  for i = 1, #entries, 2 do
    freed = freed + tonumber(string.match(entries[i], ':(%d+)$'))
    if used - freed + cost <= limit then
      return {0, used, tonumber(entries[i + 1]) + window - now}
    end
  end
  return {0, used, window}
end
if ARGV[5] == '1' then
  redis.call('ZADD', KEYS[1], now, ARGV[4] .. ':' .. ARGV[3])
  redis.call('PEXPIRE', KEYS[1], window)
  used = used + cost
end
local oldest = entries[2] and tonumber(entries[2]) or now
return {1, used, oldest + window - now}
