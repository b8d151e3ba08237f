using Sluice.ServiceDefaults.Startup;

namespace Sluice.ItemApi.Orders;

/// <summary>Configuration section <c>Orders</c>: how orders are accepted.</summary>
public sealed class OrderOptions
{
    public const string Section = "Orders";

    /// <summary>What a buyer gets who names no SKU. It is there from the first start on. Default <c>default</c>.</summary>
    public string DefaultSku { get; set; } = "default";

    /// <summary>Units of the default SKU at the first start, 0 to 1,000,000,000. Default 1,000.</summary>
    public long DefaultStock { get; set; } = 1000;

    /// <summary>Price of one unit of the default SKU at the first start, 0 to 1,000,000. Default 49.90.</summary>
    public decimal DefaultPrice { get; set; } = 49.90m;

    /// <summary>The most units in one order, 1 to 1,000,000. Default 10.</summary>
    public int MaxQuantity { get; set; } = 10;

    /// <summary>Orders that may wait for a worker, 1 to 10,000,000: beyond that buyers are refused with 503. Default 50,000.</summary>
    public long QueueLimit { get; set; } = 50_000;

    /// <summary>How often the broker is asked how long the queue is, 10 ms to 10 s. Default 250 ms.</summary>
    public TimeSpan QueueInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>From publishing to the broker's confirm, 10 ms to 30 s; then the buyer is refused. Default 2 s.</summary>
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How old what is known of stock and sales may be, 10 ms to 10 s. Default 500 ms.</summary>
    public TimeSpan FactsInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often Redis is asked what is sold out, 10 ms to 10 s. Default 100 ms.</summary>
    public TimeSpan SoldOutInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often orders that somebody watches are looked at, 10 ms to 10 s. Default 200 ms.</summary>
    public TimeSpan WatchInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long an Idempotency-Key stands for its order, 1 min to 366 days. Default 24 h.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromHours(24);

    internal static void Check(OrderOptions options, OptionFaults faults)
    {
        faults.Require(Sku.IsValid(options.DefaultSku), nameof(DefaultSku), $"{Sku.Rule}, is '{options.DefaultSku}'");
        faults.Require(options.DefaultStock is >= 0 and <= 1_000_000_000, nameof(DefaultStock), $"must be 0 to 1,000,000,000, is {options.DefaultStock}");
        faults.Require(options.DefaultPrice is >= 0 and <= 1_000_000, nameof(DefaultPrice), $"must be 0 to 1,000,000, is {options.DefaultPrice}");
        faults.Require(options.MaxQuantity is > 0 and <= 1_000_000, nameof(MaxQuantity), $"must be 1 to 1,000,000, is {options.MaxQuantity}");
        faults.Require(options.QueueLimit is > 0 and <= 10_000_000, nameof(QueueLimit), $"must be 1 to 10,000,000, is {options.QueueLimit}");
        Within(options.QueueInterval, TimeSpan.FromSeconds(10), nameof(QueueInterval));
        Within(options.PublishTimeout, TimeSpan.FromSeconds(30), nameof(PublishTimeout));
        Within(options.FactsInterval, TimeSpan.FromSeconds(10), nameof(FactsInterval));
        Within(options.SoldOutInterval, TimeSpan.FromSeconds(10), nameof(SoldOutInterval));
        Within(options.WatchInterval, TimeSpan.FromSeconds(10), nameof(WatchInterval));
        faults.Require(options.KeyLifetime >= TimeSpan.FromMinutes(1) && options.KeyLifetime <= TimeSpan.FromDays(366), nameof(KeyLifetime),
            $"must be 00:01:00 to 366 days, is {options.KeyLifetime}");

        void Within(TimeSpan value, TimeSpan most, string name) => faults.Require(
            value >= TimeSpan.FromMilliseconds(10) && value <= most, name, $"must be 00:00:00.010 to {most}, is {value}");
    }
}
