using System.Threading.RateLimiting;

namespace Sluice.RateLimiting;

/// <summary>Metadata of leases beyond the standard names: the tier that matters most to the caller, see <see cref="RateLimitDecision.BindingTier"/>.</summary>
public static class RateLimitMetadata
{
    /// <summary>The most units that the tier ever has.</summary>
    public static MetadataName<long> Limit { get; } = MetadataName.Create<long>("LIMIT");

    /// <summary>Units that are left.</summary>
    public static MetadataName<long> Remaining { get; } = MetadataName.Create<long>("REMAINING");

    /// <summary>How long until more are left.</summary>
    public static MetadataName<TimeSpan> ResetAfter { get; } = MetadataName.Create<TimeSpan>("RESET_AFTER");
}
