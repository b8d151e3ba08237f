-- What a search looks through. Words of the name weigh A, those of the description B. Names stand here twice: as they are written, so that
-- the beginning of a word finds it even where its stem is shorter ("trekk": "trekking"), and stemmed, so that "kettles" finds a kettle.
-- Each "the" is no word to search for, but it takes a place, so that no phrase goes on from one text into the next.
alter table items add search tsvector generated always as (
  setweight(to_tsvector('simple', name), 'A')
  || setweight(to_tsvector('english', 'the ' || name), 'A')
  || setweight(to_tsvector('english', 'the ' || description), 'B')
) stored;

-- Searches are planned before their words are known, so statistics of the words would only make analyze slower.
alter table items alter search set statistics 0;

create index items_search on items using gin (search);
