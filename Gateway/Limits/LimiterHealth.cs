using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>Degraded while Redis doesn't answer the limiter: requests are served as each policy says.</summary>
internal sealed class LimiterHealth(RedisRateLimiter limiter) : IHealthCheck
{
    public const string Name = "limiter";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        limiter.IsStoreAvailable
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("Redis doesn't answer the limiter; policies do as their OnStoreFailure says."));
}
