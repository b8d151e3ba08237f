-- Generic cell rate algorithm, virtual scheduling: units are due one emission interval (window / permits) after another. The theoretical
-- arrival time of the next one is when nothing is owed; it may come `capacity - 1` intervals earlier, and a wait lasts until it is that near.

--# like emission
