namespace Sluice.Contracts;

/// <summary>Something that happened to an item's stock on a day.</summary>
/// <param name="Id">Unique among the records of all days.</param>
/// <param name="Kind"><c>sale</c>, <c>return</c> or <c>delivery</c>.</param>
/// <param name="Time">Of the day, UTC; a day's records come in its order.</param>
/// <param name="Amount">What the quantity is worth.</param>
public sealed record DailyRecord(string Id, DateOnly Date, TimeOnly Time, string Kind, long ItemId, int Quantity, decimal Amount);
