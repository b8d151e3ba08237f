using Sluice.Contracts;

namespace Sluice.OrderTests.World;

/// <summary>What a sale does, in the plainest words.</summary>
internal sealed class NaiveSale(SettlementTests.Schedule schedule, int limit)
{
    private readonly Dictionary<int, string> outcomes = [];

    public IReadOnlyDictionary<int, string> Outcomes => outcomes;

    public long Stock { get; private set; } = schedule.Stock;

    public void Follow(SettlementTests.Occurrence step)
    {
        switch (step)
        {
            case SettlementTests.Occurrence.Restock restock:
                Stock += restock.Units;
                break;
            case SettlementTests.Occurrence.Cancel cancel when outcomes.GetValueOrDefault(cancel.Order) == OrderStatus.Confirmed:
                outcomes[cancel.Order] = OrderStatus.Cancelled;
                Stock += schedule.Orders[cancel.Order].Quantity;
                break;
            case SettlementTests.Occurrence.Settle settle:
                foreach (var order in settle.Orders)
                    Settle(order);
                break;
        }
    }

    private void Settle(int number)
    {
        if (outcomes.ContainsKey(number))
            return;
        var (buyer, quantity) = schedule.Orders[number];
        var has = outcomes.Where(outcome => outcome.Value == OrderStatus.Confirmed && schedule.Orders[outcome.Key].Buyer == buyer)
            .Sum(outcome => schedule.Orders[outcome.Key].Quantity);
        var isConfirmed = has + quantity <= limit && quantity <= Stock;
        outcomes[number] = isConfirmed ? OrderStatus.Confirmed : OrderStatus.Rejected;
        if (isConfirmed)
            Stock -= quantity;
    }
}
