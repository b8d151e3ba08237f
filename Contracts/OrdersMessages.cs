namespace Sluice.Contracts;

/// <summary>Settle one order. The same order may come more than once.</summary>
/// <param name="SaleId">The sale that was open when it was placed; null where the SKU is sold without one.</param>
/// <param name="Client">Who placed it and may cancel it.</param>
/// <param name="Buyer">Who it counts for where a sale has a limit per buyer.</param>
/// <param name="BuyerName">The buyer as the client named it.</param>
public sealed record PlaceOrder(
    Guid OrderId, string Sku, int Quantity, Guid? SaleId, string Client, string Buyer, string? BuyerName, DateTimeOffset PlacedAt);

/// <summary>Orders in the order in which they arrived. Those that come while one message is confirmed travel together in the next.</summary>
public sealed record PlaceOrders(IReadOnlyList<PlaceOrder> Orders)
{
    /// <summary>The endpoint that settles them: queue and exchange have this name.</summary>
    public const string Endpoint = "place-orders";
}
