namespace Sluice.RateLimiting.Local;

/// <summary>What a key decided for one call.</summary>
/// <param name="Reading">What was found.</param>
/// <param name="Units">What was asked for.</param>
/// <param name="Verdict">What came of it.</param>
/// <param name="Slot">Where it was granted for later.</param>
internal readonly record struct Outcome(KeyReading Reading, int Units, Verdict Verdict, LinkedListNode<Slot>? Slot)
{
    public RateLimitDecision ToDecision(bool isStoreUnavailable = false) => new(Reading, Units, Verdict, isStoreUnavailable);

    /// <summary>The decision as it is to be read later.</summary>
    public RateLimitDecision ToDecisionAt(long now) => new(Reading, Units, Verdict with { ElapsedMicroseconds = now - Reading.Now });
}
