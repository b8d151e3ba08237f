using System.Threading.RateLimiting;
using Sluice.RateLimiting.Adapters;

namespace Sluice.RateLimiting;

/// <summary>
/// Limiters as the .NET libraries know them: for ASP.NET Core's <c>AddRateLimiter</c>, Polly's rate limiter strategy, and whatever
/// else takes a <see cref="RateLimiter"/>.
/// </summary>
/// <remarks>
/// Redis can't be asked without waiting for its answer, so on a <see cref="RedisRateLimiter"/> <c>AttemptAcquire</c> charges nothing and always fails;
/// <c>AcquireAsync</c> decides. Callers of the abstraction, ASP.NET Core among them, go on to that. On a <see cref="LocalRateLimiter"/> both decide.
/// Leases carry <see cref="MetadataName.RetryAfter"/> and <see cref="MetadataName.ReasonPhrase"/> when refused and <see cref="RateLimitMetadata"/> always;
/// dispose of them to return a concurrency tier's units.
/// </remarks>
public static class BclRateLimiting
{
    /// <summary>One partition of a policy. Disposing of it leaves the limiter as it is. Thread-safe.</summary>
    /// <param name="limiter">Decides.</param>
    /// <param name="policy">The policy's name, looked up for each call, so it follows changed options.</param>
    /// <param name="partition">Who is counted.</param>
    /// <param name="waits">
    /// Whether <c>AcquireAsync</c> waits for its turn, as <see cref="PolicyRateLimiter.WaitAsync(string, string, int, CancellationToken)"/> does; false
    /// by default: it decides at once.
    /// </param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    public static RateLimiter AsRateLimiter(this PolicyRateLimiter limiter, string policy, string partition, bool waits = false)
    {
        ArgumentNullException.ThrowIfNull(limiter);
        ArgumentNullException.ThrowIfNull(partition);
        return new PartitionLimiter(limiter, limiter.GetPolicy(policy).Name, partition, waits);
    }

    /// <summary>A policy, partitioned by what is limited. Disposing of it leaves the limiter as it is. Thread-safe.</summary>
    /// <param name="limiter">Decides.</param>
    /// <param name="policy">The policy's name, looked up for each call, so it follows changed options.</param>
    /// <param name="partition">Tells who is counted.</param>
    /// <param name="waits">Whether <c>AcquireAsync</c> waits for its turn; false by default: it decides at once.</param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    public static PartitionedRateLimiter<TResource> AsPartitionedRateLimiter<TResource>(
        this PolicyRateLimiter limiter, string policy, Func<TResource, string> partition, bool waits = false)
    {
        ArgumentNullException.ThrowIfNull(limiter);
        ArgumentNullException.ThrowIfNull(partition);
        return new PolicyLimiter<TResource>(limiter, limiter.GetPolicy(policy).Name, partition, waits);
    }
}
