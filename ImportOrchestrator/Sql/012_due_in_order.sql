-- The rows of a page fall due at the same instant: with the id in the index too, the first hundred are found without sorting all of them.
drop index imported_items_due;
create index imported_items_due on imported_items (import_id, next_attempt_at, id) where status = 'pending';
