-- Forgets a key: its state, what its tiers have in keys of their own, the log and the slots ahead.

redis.call('UNLINK', KEYS[1] .. ':log', KEYS[1] .. ':slots', unpack(KEYS))
