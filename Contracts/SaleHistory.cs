namespace Sluice.Contracts;

/// <summary>What GET /sales/{id}/history answers: a sale over time, from its rows. Orders that are still queued are not in it.</summary>
/// <param name="TimeToSettle">From an order's acceptance to its outcome; null while there is none.</param>
/// <param name="Points">From the first order on until the last thing that happened, in whole steps without a gap; none before.</param>
public sealed record SaleHistory(int StepSeconds, SettleTimes? TimeToSettle, IReadOnlyList<SalePoint> Points);

/// <param name="P50Ms">Half of the orders took less, in milliseconds.</param>
/// <param name="P99Ms">99 of 100 took less, in milliseconds.</param>
public sealed record SettleTimes(double P50Ms, double P99Ms);

/// <summary>What happened from a time on until the next point's.</summary>
/// <param name="Accepted">Orders by when they were placed.</param>
/// <param name="Confirmed">Orders by when they were settled, those that were cancelled later among them.</param>
/// <param name="StockLeft">Units left at its end.</param>
public sealed record SalePoint(DateTimeOffset At, long Accepted, long Confirmed, long Rejected, long StockLeft);
