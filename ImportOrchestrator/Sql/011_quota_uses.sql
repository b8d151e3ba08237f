-- What an account has used of a day's or a month's quota.
create table quota_uses (
  account text not null,
  period text not null,
  used bigint not null default 0 check (used >= 0),
  ends_at timestamptz not null,
  primary key (account, period)
);
