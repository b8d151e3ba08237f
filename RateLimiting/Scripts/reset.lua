-- Forgets a key: its state, what its tiers have in keys of their own, and the slots ahead.

redis.call('UNLINK', KEYS[1] .. ':slots', unpack(KEYS))
