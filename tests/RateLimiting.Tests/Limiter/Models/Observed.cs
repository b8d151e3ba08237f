namespace Sluice.RateLimiting.Tests.Limiter.Models;

internal static class Observed
{
    /// <summary>What a caller can read out of a decision.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="slotWait">Us until the slot of a granted call, which callers don't see: they get the decision when it has come.</param>
    public static ModelDecision From(RateLimitDecision decision, long slotWait) => new(
        decision.IsGranted,
        decision.IsGranted ? slotWait : Microseconds(decision.RetryAfter),
        decision.Tiers.Select(tier => tier.Tier).ToList().IndexOf(decision.BindingTier!.Value.Tier),
        [.. decision.Tiers.Select(tier => tier.Remaining)],
        [.. decision.Tiers.Select(tier => Microseconds(tier.ResetAfter))]);

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
