-- An import is open while it runs or is paused. A paused one keeps its place: nothing of it is sent until it is resumed, by an
-- operator, or at resumes_at.
alter table imports
  drop constraint imports_status_check,
  drop constraint imports_check,
  add column paused_at timestamptz,
  add column pause_cause text check (pause_cause in ('operator', 'quota')),
  add column pause_reason text,
  add column resumes_at timestamptz,
  -- As many pages as the list said that it has.
  add column expected_pages int,
  -- Tells a page that has been published from one that waits for a retry.
  add column page_dispatched boolean not null default true,
  add constraint imports_status check (status in ('running', 'paused', 'completed', 'failed', 'cancelled')),
  add constraint imports_open check ((status in ('running', 'paused')) = (ended_at is null)),
  add constraint imports_paused check ((status = 'paused') = (paused_at is not null) and (status = 'paused') = (pause_cause is not null));

drop index imports_one_running_per_source;
create unique index imports_one_open_per_source on imports (source) where ended_at is null;
create index imports_by_end on imports (ended_at);

-- Failures before the item was last given new attempts: failure_count counts since then.
alter table imported_items add column earlier_failure_count int not null default 0;

create or replace function count_items(of_import uuid, out total bigint, out imported bigint, out failed bigint, out requests bigint)
language sql stable as $$
  select
    count(*),
    count(*) filter (where status = 'imported'),
    count(*) filter (where status = 'failed'),
    count(*) filter (where status = 'imported') + coalesce(sum(failure_count + earlier_failure_count), 0)
      + (select count(*) from import_pages where import_id = of_import)
      + (select count(*) from import_hits where import_id = of_import)
  from imported_items
  where import_id = of_import
$$;

-- What an import has waited for, the pause that lasts included. A wait that was foreseen ends with the import at the latest.
create function waits_of(of_import uuid) returns table (cause text, wait tstzrange)
language sql stable as $$
  select delay.cause, tstzrange(delay.started_at, greatest(delay.started_at, least(delay.ended_at, coalesce(import.ended_at, clock_timestamp()))), '[]')
  from import_delays as delay
  join imports as import on import.id = delay.import_id
  where delay.import_id = of_import
  union all
  select pause_cause, tstzrange(paused_at, greatest(paused_at, clock_timestamp()), '[]')
  from imports
  where id = of_import and paused_at is not null
$$;

-- Waits of several processes overlap: their union is what counts.
create function count_waits(of_import uuid) returns table (cause text, count bigint, seconds double precision)
language sql stable as $$
  select cause, count(*), coalesce(sum(extract(epoch from upper(apart) - lower(apart))), 0)
  from (select cause, unnest(range_agg(wait)) as apart from waits_of(of_import) group by cause) as waits
  group by cause
$$;

-- Time in which the import waited for anything.
create function count_idle(of_import uuid) returns double precision
language sql stable as $$
  select coalesce(sum(extract(epoch from upper(apart) - lower(apart))), 0)
  from (select unnest(range_agg(wait)) as apart from waits_of(of_import)) as waits
$$;

-- Sleeps are waits for the limits: neither for the next attempt at what has failed, nor for an operator.
create or replace function count_sleeps(of_import uuid, out sleeps bigint, out seconds double precision)
language sql stable as $$
  select count(*), coalesce(sum(extract(epoch from upper(apart) - lower(apart))), 0)
  from (select unnest(range_agg(wait)) as apart from waits_of(of_import) where cause not in ('retry', 'breaker', 'operator')) as waits
$$;
