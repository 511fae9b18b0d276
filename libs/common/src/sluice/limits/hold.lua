-- Slots with a lease: at most ARGV[1] members whose score, the end of the lease, is not over.
-- ARGV: limit, lease in ms, slot, mark, then the slots that the asking process holds.
-- A full house lets in who comes back: it replaces a slot of the same mark that another process
-- held; should that still live, it is not kept (keep.lua). Returns allowed, used, reset in ms.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, lease, slot, mark = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local used = #held / 2
if used >= limit then
  local replaced = false
  if mark ~= '' then
    local mine = {}
    for i = 5, #ARGV do mine[ARGV[i]] = true end
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
return {1, used + 1, lease}
