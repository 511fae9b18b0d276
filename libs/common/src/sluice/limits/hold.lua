-- Slots with a lease: at most ARGV[2] members whose score, the end of the lease, is not over.
-- ARGV: take | keep, limit, lease in ms, slot, mark, then the slots that the asking process holds.
-- A full house lets in who comes back: it replaces a slot of the same mark that another process
-- held; should that still live, its next `keep` is refused. Returns allowed, used, reset in ms.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, lease, slot, mark = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local used = #held / 2
local is_there = redis.call('ZSCORE', KEYS[1], slot)
if not is_there and used >= limit then
  local replaced = false
  if ARGV[1] == 'take' and mark ~= '' then
    local mine = {}
    for i = 6, #ARGV do mine[ARGV[i]] = true end
    for i = 1, #held, 2 do
      if string.sub(held[i], 1, #mark) == mark and not mine[held[i]] and not replaced then
        redis.call('ZREM', KEYS[1], held[i])
        used, replaced = used - 1, true
      end
    end
  end
  if used >= limit then
    return {0, used, tonumber(held[2]) - now}
  end
end
redis.call('ZADD', KEYS[1], now + lease, slot)
redis.call('PEXPIRE', KEYS[1], 2 * lease)
if not is_there then used = used + 1 end
return {1, used, lease}
