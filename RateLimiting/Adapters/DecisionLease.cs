using System.Threading.RateLimiting;

namespace Sluice.RateLimiting.Adapters;

/// <summary>A decision as a lease. Thread-safe.</summary>
internal sealed class DecisionLease(RateLimitDecision decision) : RateLimitLease
{
    private readonly Dictionary<string, object?> metadata = MetadataOf(decision);

    public override bool IsAcquired => decision.IsGranted;

    public override IEnumerable<string> MetadataNames => metadata.Keys;

    public override bool TryGetMetadata(string metadataName, out object? metadata) => this.metadata.TryGetValue(metadataName, out metadata);

    protected override void Dispose(bool disposing)
    {
        // Redis is told without being waited for; what goes wrong there is logged there, and the lease ends by itself.
        if (disposing)
            _ = decision.DisposeAsync().AsTask();
        base.Dispose(disposing);
    }

    private static Dictionary<string, object?> MetadataOf(RateLimitDecision decision)
    {
        var metadata = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (!decision.IsGranted)
        {
            metadata[MetadataName.RetryAfter.Name] = decision.RetryAfter;
            metadata[MetadataName.ReasonPhrase.Name] = decision is { IsStoreUnavailable: true, BindingTier: null }
                ? "Limits cannot be checked at the moment."
                : $"The limit '{decision.BindingTier?.Tier.Name}' of policy '{decision.Policy.Name}' is used up.";
        }

        if (decision.BindingTier is { } tier)
        {
            metadata[RateLimitMetadata.Limit.Name] = (long)tier.Limit;
            metadata[RateLimitMetadata.Remaining.Name] = tier.Remaining;
            metadata[RateLimitMetadata.ResetAfter.Name] = tier.ResetAfter;
        }

        return metadata;
    }
}

/// <summary>Not asked: the answer would have to be waited for.</summary>
internal sealed class UndecidedLease : RateLimitLease
{
    public static UndecidedLease Instance { get; } = new();

    public override bool IsAcquired => false;

    public override IEnumerable<string> MetadataNames => [];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = null;
        return false;
    }
}
