create table imports (
  id uuid primary key,
  source text not null,
  status text not null default 'running' check (status in ('running', 'completed', 'failed', 'cancelled')),
  fresh boolean not null,
  failure_reason text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  trace_parent text,

  discovery_ended_at timestamptz,
  discovery_failure_count int not null default 0,
  discovery_refused_count int not null default 0,
  next_discovery_at timestamptz not null default now(),

  -- Written once, when the import ends; until then counted from the rows.
  total_count bigint not null default 0,
  items_count bigint not null default 0,
  failed_count bigint not null default 0,
  requests_count bigint not null default 0,
  rate_limit_hits_count bigint not null default 0,
  rate_limit_sleeps_count bigint not null default 0,
  total_sleep_seconds double precision not null default 0,
  finalize_attempts int not null default 0,
  last_finalize_attempt_at timestamptz,
  items_cleared_at timestamptz,

  check ((status = 'running') = (ended_at is null))
);

create unique index imports_one_running_per_source on imports (source) where status = 'running';
create index imports_by_source on imports (source);

-- A page's row is its checkpoint: written in the transaction that inserts the page's items.
-- A cursor that comes twice would page for ever.
create table import_pages (
  import_id uuid not null references imports (id) on delete cascade,
  number int not null,
  cursor text not null,
  next_cursor text,
  items_listed int not null,
  items_new int not null,
  fetched_at timestamptz not null default now(),
  primary key (import_id, number)
);

create unique index import_pages_cursor on import_pages (import_id, md5(cursor));

-- next_attempt_at schedules a pending item: when it is due, the dispatcher publishes it and moves it ahead,
-- so that a message that was lost is published again. dispatched tells a published item from one that waits for a retry.
create table imported_items (
  id bigint generated always as identity primary key,
  import_id uuid not null references imports (id) on delete cascade,
  external_id text not null,
  page_number int not null,
  name text,
  description text,
  price numeric,
  payload jsonb,
  status text not null default 'pending' check (status in ('pending', 'imported', 'failed')),
  failure_count int not null default 0,
  failure_reason text,
  last_failed_at timestamptz,
  refused_count int not null default 0,
  next_attempt_at timestamptz not null default now(),
  dispatched boolean not null default false,
  imported_at timestamptz,
  unique (import_id, external_id)
);

create index imported_items_due on imported_items (import_id, next_attempt_at) where status = 'pending';
create index imported_items_by_status on imported_items (import_id, status, id);

-- Waits and refusals as each process reported them. Waits of several processes overlap: their union is what counts.
create table import_delays (
  id bigint generated always as identity primary key,
  import_id uuid not null references imports (id) on delete cascade,
  cause text not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  check (ended_at >= started_at)
);

create index import_delays_by_import on import_delays (import_id);

create table import_hits (
  id bigint generated always as identity primary key,
  import_id uuid not null references imports (id) on delete cascade,
  at timestamptz not null,
  retry_after interval
);

create index import_hits_by_import on import_hits (import_id);

-- Until when a permit ledger may have sent requests of an account, promised before they are sent.
create table ledger_horizons (
  account text primary key,
  horizon timestamptz not null
);

-- requests: those whose outcome is on record.
create function count_items(of_import uuid, out total bigint, out imported bigint, out failed bigint, out requests bigint)
language sql stable as $$
  select
    count(*),
    count(*) filter (where status = 'imported'),
    count(*) filter (where status = 'failed'),
    count(*) filter (where status = 'imported') + coalesce(sum(failure_count), 0)
      + (select count(*) from import_pages where import_id = of_import)
      + (select count(*) from import_hits where import_id = of_import)
  from imported_items
  where import_id = of_import
$$;

create function count_sleeps(of_import uuid, out sleeps bigint, out seconds double precision)
language sql stable as $$
  select count(*), coalesce(sum(extract(epoch from upper(sleep) - lower(sleep))), 0)
  from (
    select unnest(range_agg(tstzrange(started_at, ended_at, '[]'))) as sleep
    from import_delays
    where import_id = of_import
  ) as apart
$$;
