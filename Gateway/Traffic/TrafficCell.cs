using Sluice.Gateway.Limits;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Traffic;

/// <summary>What decisions are counted under while they are counted.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="Terms">The policy as it holds for the client.</param>
/// <param name="Client">The client's name.</param>
internal readonly record struct CellKey(string Route, LimitedPolicy.Terms Terms, string Client)
{
    // Terms are compared by their identity: their values are many.
    public bool Equals(CellKey other) => ReferenceEquals(Terms, other.Terms) && Client == other.Client && Route == other.Route;

    public override int GetHashCode() => Client.GetHashCode(StringComparison.Ordinal);
}

/// <summary>Counts decisions without a lock, until it is closed. Thread-safe.</summary>
internal sealed class TrafficCell
{
    /// <summary>Whoever counts in a closed cell gets a number below zero, and knows by that.</summary>
    private const long Closed = long.MinValue;

    private readonly long[] numbers = new long[Outcomes.Names.Count * Tally.Width];

    /// <param name="outcome">What became of the request.</param>
    /// <param name="tier">The tier that mattered most; null where there was none.</param>
    /// <returns>False where the cell is closed: the decision is not counted.</returns>
    public bool TryCount(Outcome outcome, in TierStatus? tier)
    {
        var place = (int)outcome * Tally.Width;
        if (tier is { } met)
        {
            Interlocked.Increment(ref numbers[place + 1]);
            Interlocked.Add(ref numbers[place + 2], met.Limit);
            Interlocked.Add(ref numbers[place + 3], met.Remaining);
        }

        return Interlocked.Increment(ref numbers[place]) > 0;
    }

    /// <summary>What was counted of an outcome since this was called last.</summary>
    public Tally Take(Outcome outcome) => Volatile.Read(ref numbers[(int)outcome * Tally.Width]) == 0 ? default : Take(outcome, 0);

    /// <summary>The same, and nothing more is counted.</summary>
    public Tally Close(Outcome outcome) => Take(outcome, Closed);

    private Tally Take(Outcome outcome, long leave)
    {
        var place = (int)outcome * Tally.Width;
        return new(
            Interlocked.Exchange(ref numbers[place], leave), Interlocked.Exchange(ref numbers[place + 1], 0),
            Interlocked.Exchange(ref numbers[place + 2], 0), Interlocked.Exchange(ref numbers[place + 3], 0));
    }
}

/// <summary>A sum of decisions.</summary>
/// <param name="Requests">How many.</param>
/// <param name="Measured">How many of them met a limit.</param>
/// <param name="Limits">The sum of their limits.</param>
/// <param name="Remaining">The sum of what was left of these.</param>
internal readonly record struct Tally(long Requests, long Measured, long Limits, long Remaining)
{
    public const int Width = 4;

    public static Tally operator +(Tally one, Tally other) => new(
        one.Requests + other.Requests, one.Measured + other.Measured, one.Limits + other.Limits, one.Remaining + other.Remaining);
}
