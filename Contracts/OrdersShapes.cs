using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Contracts;

/// <summary>The states of an order. All but queued are outcomes; a confirmed one may still be cancelled.</summary>
public static class OrderStatus
{
    public const string Queued = "queued";
    public const string Confirmed = "confirmed";
    public const string Rejected = "rejected";
    public const string Cancelled = "cancelled";
}

/// <summary>Why an order was rejected.</summary>
public static class RejectionReason
{
    public const string SoldOut = "sold_out";
    public const string LimitPerBuyer = "limit_per_buyer";

    /// <summary>The SKU is not there any more.</summary>
    public const string UnknownSku = "unknown_sku";

    /// <summary>The order broke what settles orders; the message is in the error queue.</summary>
    public const string Failed = "failed";

    /// <summary>It was answered with 503, and arrived nevertheless.</summary>
    public const string NotAccepted = "not_accepted";
}

/// <summary>What POST /buy answers; the outcome is at <c>Location</c>.</summary>
public sealed record OrderAccepted(Guid OrderId, string Status);

/// <summary>An order as it stands. While it is queued nothing is known of it but when it was placed.</summary>
/// <param name="Price">Of one unit.</param>
public sealed record OrderSnapshot(
    Guid OrderId, string Status, string? Reason, string? Sku, int? Quantity, decimal? Price, Guid? SaleId, string? Buyer,
    DateTimeOffset PlacedAt, DateTimeOffset? SettledAt, DateTimeOffset? CancelledAt);

/// <summary>What is there of a SKU.</summary>
public sealed record InventorySnapshot(string Sku, long Stock, bool SoldOut, decimal Price, long Version);

/// <summary>Stock from its rows: nothing is lost or sold twice while <paramref name="Difference"/>, supplied - sold - stock, is 0.</summary>
public sealed record InventoryBalance(string Sku, long Supplied, long Sold, long Stock, long Difference);

/// <summary>What POST /sales takes.</summary>
/// <param name="Stock">Units on hand when it opens: what was there before is replaced.</param>
/// <param name="StartsAt">Default now.</param>
/// <param name="EndsAt">Default none.</param>
/// <param name="LimitPerBuyer">Units that one buyer may have; default none.</param>
/// <param name="Price">Of one unit; default the SKU's, 0 for a new one.</param>
public sealed record OpenSale(string Sku, long Stock, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt, int? LimitPerBuyer, decimal? Price);

/// <summary>The states of a sale.</summary>
public static class SaleStatus
{
    public const string Scheduled = "scheduled";
    public const string Open = "open";
    public const string Ended = "ended";
}

/// <summary>A sale as it stands. Orders are counted from rows.</summary>
/// <param name="Stock">Units that it opened with.</param>
/// <param name="StockLeft">Units of the SKU that are there now.</param>
/// <param name="Queued">Orders accepted and not yet settled; up to a second behind.</param>
/// <param name="Units">Units in confirmed orders.</param>
/// <param name="Revenue">Of confirmed orders.</param>
public sealed record SaleSnapshot(
    Guid Id, string Sku, string Status, DateTimeOffset StartsAt, DateTimeOffset? EndsAt, long Stock, long StockLeft, decimal Price, int? LimitPerBuyer,
    long Queued, long Confirmed, long Rejected, long Cancelled, long Units, decimal Revenue);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(OrderAccepted))]
[JsonSerializable(typeof(OrderSnapshot))]
[JsonSerializable(typeof(InventorySnapshot))]
[JsonSerializable(typeof(IReadOnlyList<InventoryBalance>))]
[JsonSerializable(typeof(SaleSnapshot))]
[JsonSerializable(typeof(SaleHistory))]
[JsonSerializable(typeof(CursorPage<SaleSnapshot>))]
public sealed partial class OrdersJson : JsonSerializerContext;
