-- Leaky bucket as a meter: a unit raises the level by one, which drains by `permits` per window at a steady rate and may not rise above
-- `capacity`. The level is what is owed, so a wait lasts until the level is capacity - units.

--# like emission
