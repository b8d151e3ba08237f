-- Token bucket: holds up to `capacity` tokens and gains `permits` per window at a steady rate; a unit takes one. The tokens that lack are what
-- is owed to the bucket, so it is full when nothing is owed, and a wait lasts until no more than capacity - units tokens lack.

--# like emission
