using System.Threading.RateLimiting;

namespace Sluice.RateLimiting.Adapters;

/// <summary>One partition of a policy. Thread-safe.</summary>
internal sealed class PartitionLimiter(PolicyRateLimiter limiter, string policy, string partition, bool waits) : RateLimiter
{
    private readonly Asking asking = new(limiter, policy, waits);
    private long successful;
    private long failed;
    private long available = limiter.GetPolicy(policy).For(partition).Capacity;

    /// <summary>Null: the state is Redis's, and nothing here needs to be cleared away.</summary>
    public override TimeSpan? IdleDuration => null;

    /// <summary>Of this object's own calls; available permits as its latest answer said.</summary>
    public override RateLimiterStatistics GetStatistics() => new()
    {
        CurrentAvailablePermits = Volatile.Read(ref available),
        TotalSuccessfulLeases = Volatile.Read(ref successful),
        TotalFailedLeases = Volatile.Read(ref failed),
    };

    protected override RateLimitLease AttemptAcquireCore(int permitCount) =>
        asking.AttemptNow(partition, permitCount) is { } decision ? Count(decision) : UndecidedLease.Instance;

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        Count(await asking.AskAsync(partition, permitCount, cancellationToken).ConfigureAwait(false));

    private DecisionLease Count(RateLimitDecision decision)
    {
        Interlocked.Increment(ref decision.IsGranted ? ref successful : ref failed);
        if (decision.BindingTier is { } tier)
            Volatile.Write(ref available, tier.Remaining);
        return new DecisionLease(decision);
    }
}

/// <summary>A policy with whatever partitions. Thread-safe.</summary>
internal sealed class PolicyLimiter<TResource>(PolicyRateLimiter limiter, string policy, Func<TResource, string> partition, bool waits)
    : PartitionedRateLimiter<TResource>
{
    private readonly Asking asking = new(limiter, policy, waits);

    /// <summary>None: nothing is counted here per partition. See <see cref="PolicyRateLimiter.PeekAsync(string, string, int, CancellationToken)"/>.</summary>
    public override RateLimiterStatistics? GetStatistics(TResource resource) => null;

    protected override RateLimitLease AttemptAcquireCore(TResource resource, int permitCount) =>
        asking.AttemptNow(partition(resource), permitCount) is { } decision ? new DecisionLease(decision) : UndecidedLease.Instance;

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(TResource resource, int permitCount, CancellationToken cancellationToken) =>
        new DecisionLease(await asking.AskAsync(partition(resource), permitCount, cancellationToken).ConfigureAwait(false));
}

/// <summary>Asks as the abstraction means it: no permits at all ask whether there are any.</summary>
internal sealed class Asking(PolicyRateLimiter limiter, string policy, bool waits)
{
    /// <returns>Null where the answer would have to be waited for.</returns>
    public RateLimitDecision? AttemptNow(string partition, int permits)
    {
        if (limiter is not LocalRateLimiter)
            return null;
        // Answered when the call returns.
        var answer = permits == 0 ? limiter.PeekAsync(policy, partition) : limiter.AcquireAsync(policy, partition, permits);
        return answer.AsTask().GetAwaiter().GetResult();
    }

    public ValueTask<RateLimitDecision> AskAsync(string partition, int permits, CancellationToken cancellationToken) => (permits, waits) switch
    {
        (0, _) => limiter.PeekAsync(policy, partition, 1, cancellationToken),
        (_, true) => limiter.WaitAsync(policy, partition, permits, cancellationToken),
        (_, false) => limiter.AcquireAsync(policy, partition, permits, cancellationToken),
    };
}
