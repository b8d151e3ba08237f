using Sluice.Contracts;

namespace Sluice.OrderWorker.Settlement;

/// <summary>What a batch of one SKU is settled by, read when the inventory had <paramref name="Version"/>.</summary>
/// <param name="Version">Null where there is no such SKU.</param>
/// <param name="Limits">Units per buyer, of the sales that have a limit.</param>
/// <param name="Units">Units that buyers have in the confirmed orders of those sales.</param>
/// <param name="Settled">Orders of the batch that have an outcome.</param>
internal sealed record SkuState(
    long? Version, long Stock, IReadOnlyDictionary<Guid, int> Limits, IReadOnlyDictionary<(Guid SaleId, string Buyer), long> Units, IReadOnlySet<Guid> Settled)
{
    /// <summary>First come, first served: each order gets all of its units or none, and one that gets none doesn't hold up a smaller one behind it.</summary>
    /// <returns>The outcomes of those orders that have none yet, each once.</returns>
    public IReadOnlyList<Outcome> Decide(IReadOnlyList<PlaceOrder> orders)
    {
        var left = Stock;
        HashSet<Guid> seen = [];
        Dictionary<(Guid, string), long> taken = [];
        List<Outcome> outcomes = new(orders.Count);
        foreach (var order in orders)
        {
            if (Settled.Contains(order.OrderId) || !seen.Add(order.OrderId))
                continue;
            var reason = ReasonAgainst(order, left, taken);
            outcomes.Add(new Outcome(order, reason));
            if (reason is not null)
                continue;
            left -= order.Quantity;
            if (order.SaleId is { } sale)
                taken[(sale, order.Buyer)] = taken.GetValueOrDefault((sale, order.Buyer)) + order.Quantity;
        }

        return outcomes;
    }

    private string? ReasonAgainst(PlaceOrder order, long left, Dictionary<(Guid, string), long> taken)
    {
        if (Version is null)
            return RejectionReason.UnknownSku;
        if (order.SaleId is { } sale && Limits.TryGetValue(sale, out var limit)
            && Units.GetValueOrDefault((sale, order.Buyer)) + taken.GetValueOrDefault((sale, order.Buyer)) + order.Quantity > limit)
            return RejectionReason.LimitPerBuyer;
        return order.Quantity > left ? RejectionReason.SoldOut : null;
    }
}

/// <summary>What becomes of an order.</summary>
/// <param name="Reason">Null where it is confirmed.</param>
internal readonly record struct Outcome(PlaceOrder Order, string? Reason)
{
    public bool IsConfirmed => Reason is null;

    public string Status => IsConfirmed ? OrderStatus.Confirmed : OrderStatus.Rejected;
}
