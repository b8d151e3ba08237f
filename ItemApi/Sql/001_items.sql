create table items (
  id bigint primary key check (id > 0),
  name text not null,
  description text not null,
  price numeric(12, 2) not null check (price >= 0)
);

-- One row that is always true of the rows in items: how many there are, and a version that moves whenever ids come or go.
create table catalogue (
  is_only boolean primary key default true check (is_only),
  item_count bigint not null default 0,
  version bigint not null default 0,
  recipe text,
  seeded_up_to bigint not null default 0
);

insert into catalogue default values;

create function items_were_added() returns trigger language plpgsql as $$
begin
  update catalogue set item_count = item_count + (select count(*) from added), version = version + 1;
  return null;
end $$;

create function items_were_removed() returns trigger language plpgsql as $$
begin
  update catalogue set item_count = item_count - (select count(*) from removed), version = version + 1;
  return null;
end $$;

create function items_were_truncated() returns trigger language plpgsql as $$
begin
  update catalogue set item_count = 0, version = version + 1;
  return null;
end $$;

create function items_were_renumbered() returns trigger language plpgsql as $$
begin
  update catalogue set version = version + 1;
  return null;
end $$;

create trigger items_added after insert on items
  referencing new table as added for each statement execute function items_were_added();

create trigger items_removed after delete on items
  referencing old table as removed for each statement execute function items_were_removed();

create trigger items_truncated after truncate on items
  for each statement execute function items_were_truncated();

create trigger items_renumbered after update of id on items
  for each statement execute function items_were_renumbered();
