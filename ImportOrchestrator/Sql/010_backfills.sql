-- A backfill is an import of days: each day from from_date to to_date is one of its items, with the date as external id, and its list is
-- known from the start.
alter table imports
  add column from_date date,
  add column to_date date,
  add constraint imports_days check ((from_date is null) = (to_date is null) and from_date <= to_date);

-- A page's row is the checkpoint of its day: written in the transaction that writes the page's records. A cursor that comes twice would page
-- for ever. saved_by tells who has written the row when the answer to a commit is lost.
create table backfill_pages (
  import_id uuid not null references imports (id) on delete cascade,
  date date not null,
  number int not null,
  cursor text not null,
  next_cursor text,
  records_listed int not null,
  records_new int not null,
  saved_by uuid not null,
  fetched_at timestamptz not null default now(),
  primary key (import_id, date, number)
);

create unique index backfill_pages_cursor on backfill_pages (import_id, date, md5(cursor));

-- Records belong to their source, whichever backfill brought them: they stay when it is deleted, and another one brings them no second time.
-- key is the record's own id, or else the SHA-256 of its canonical JSON.
create table backfilled_records (
  source text not null,
  date date not null,
  key text not null,
  payload jsonb not null,
  import_id uuid not null,
  fetched_at timestamptz not null default now(),
  primary key (source, date, key)
);

-- requests: those whose outcome is on record. An imported item stands for one, which is a day's last page.
create or replace function count_items(of_import uuid, out total bigint, out imported bigint, out failed bigint, out requests bigint)
language sql stable as $$
  select
    count(*),
    count(*) filter (where status = 'imported'),
    count(*) filter (where status = 'failed'),
    count(*) filter (where status = 'imported') + coalesce(sum(failure_count + earlier_failure_count), 0)
      + (select count(*) from import_pages where import_id = of_import)
      + (select count(*) from backfill_pages where import_id = of_import and next_cursor is not null)
      + (select count(*) from import_hits where import_id = of_import)
  from imported_items
  where import_id = of_import
$$;
