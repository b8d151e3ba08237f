-- What gateways decided, by the second that they counted it in. All of them add to the same rows.
create table traffic_seconds (
  at timestamptz not null,
  route text not null,
  policy text not null,
  strategy text not null,
  client text not null,
  outcome text not null check (outcome in ('allowed', 'blocked', 'shadow', 'failed-open', 'failed-closed')),
  requests bigint not null,
  -- Of the requests, those that met a limit; the sums of these limits and of what was left of them.
  measured bigint not null,
  limits bigint not null,
  remaining bigint not null,
  primary key (at, route, policy, strategy, client, outcome)
);

-- The same by the minute.
create table traffic_minutes (like traffic_seconds including constraints including indexes);

-- How many requests took how long to be answered, by the minute; buckets are those of LatencyScale.
create table traffic_latencies (
  at timestamptz not null,
  route text not null,
  bucket integer not null,
  requests bigint not null,
  primary key (at, route, bucket)
);

-- Decisions that were counted and could not be written, by the minute.
create table traffic_drops (
  at timestamptz primary key,
  requests bigint not null
);
