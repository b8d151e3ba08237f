-- What is for sale. The version moves with every change of stock: who read it and finds it unchanged knows that the stock is what it was.
create table inventory (
  sku text primary key,
  stock bigint not null check (stock >= 0),
  version bigint not null default 1,
  price numeric(12, 2) not null check (price >= 0)
) with (fillfactor = 20);

-- A drop: so many units of a SKU from a time on, to a time or without an end.
create table sales (
  id uuid primary key,
  sku text not null references inventory,
  stock bigint not null check (stock > 0),
  price numeric(12, 2) not null check (price >= 0),
  limit_per_buyer integer check (limit_per_buyer > 0),
  starts_at timestamptz not null,
  ends_at timestamptz check (ends_at >= starts_at),
  created_at timestamptz not null default now()
);

create index sales_by_sku on sales (sku, starts_at);

-- How stock came in, and with a sale that found more than it sells, went out. Stock is what these sum up to without what is sold.
create table supplies (
  id bigint generated always as identity primary key,
  sku text not null references inventory,
  quantity bigint not null,
  kind text not null check (kind in ('initial', 'sale', 'restock')),
  sale_id uuid references sales,
  supplied_at timestamptz not null default now()
);

create index supplies_by_sku on supplies (sku);

-- Orders that have come to an outcome: a queued one has no row. Without references to sku and sale: what was accepted must be settled, whatever
-- the message says.
create table orders (
  id uuid primary key,
  sku text not null,
  sale_id uuid,
  quantity integer not null check (quantity > 0 or status = 'rejected'),
  client text not null,
  buyer text not null,
  buyer_name text,
  price numeric(12, 2) not null,
  status text not null check (status in ('confirmed', 'rejected', 'cancelled')),
  reason text check ((reason is not null) = (status = 'rejected')),
  placed_at timestamptz not null,
  settled_at timestamptz not null default clock_timestamp(),
  cancelled_at timestamptz check ((cancelled_at is not null) = (status = 'cancelled'))
);

create index orders_by_sale on orders (sale_id, status) where sale_id is not null;
create index orders_confirmed on orders (sku) include (quantity) where status = 'confirmed';
create index orders_of_buyer on orders (sale_id, buyer) include (quantity) where status = 'confirmed' and sale_id is not null;

-- What each process has accepted for a sale: what isn't settled of it is queued.
create table sale_intake (
  sale_id uuid not null,
  instance uuid not null,
  accepted bigint not null,
  primary key (sale_id, instance)
);

-- The order that a client's Idempotency-Key stands for. Answered: it is known to be queued.
create table idempotency_keys (
  client text not null,
  key text not null,
  fingerprint bytea not null,
  order_id uuid not null,
  answered boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (client, key)
);

create index idempotency_keys_by_age on idempotency_keys (created_at);

-- With this all processes mark the ids of orders that they accept, and know them again.
create table order_id_secret (
  is_only boolean primary key default true check (is_only),
  secret bytea not null
);

insert into order_id_secret (secret)
select decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');

create view inventory_balance as
select inventory.sku, inventory.stock, supplied.quantity as supplied, sold.quantity as sold,
  supplied.quantity - sold.quantity - inventory.stock as difference
from inventory
cross join lateral (select coalesce(sum(quantity), 0)::bigint as quantity from supplies where sku = inventory.sku) as supplied
cross join lateral (
  select coalesce(sum(quantity), 0)::bigint as quantity from orders where sku = inventory.sku and status = 'confirmed') as sold;
