namespace Sluice.ItemApi.Faults;

/// <summary>What becomes of one request. A null status: it is answered as always.</summary>
internal readonly record struct Fate(TimeSpan Latency, bool IsDropped, int? Status, string? RetryAfter)
{
    public static Fate None => default;
}
