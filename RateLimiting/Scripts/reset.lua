-- Forgets keys.

if #KEYS > 0 then redis.call('UNLINK', unpack(KEYS)) end
