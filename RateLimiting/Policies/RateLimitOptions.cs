namespace Sluice.RateLimiting;

/// <summary>
/// The limiter's configuration: policies by name. Bound from a section (<c>RateLimiting</c>) by
/// <c>services.AddRateLimiting(section)</c> or set up in code, validated when the host starts, all faults at once.
/// </summary>
public sealed class RateLimitOptions
{
    /// <summary>Policies by name; names are compared without regard to case, as configuration keys are.</summary>
    public IDictionary<string, PolicyOptions> Policies { get; } = new Dictionary<string, PolicyOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// How long a decision waits for Redis before the policy's <see cref="PolicyOptions.OnStoreFailure"/> decides: 10 ms to 30 s;
    /// 80 ms by default. What comes within an eighth of it after that still counts, and within as long as this process itself was held up.
    /// </summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromMilliseconds(80);

    /// <summary>
    /// How many processes share the limits: 1 (the default) to 10,000. While Redis is away, a policy with
    /// <see cref="StoreFailure.Local"/> grants each process this part of its limits, at least one unit.
    /// </summary>
    public int Instances { get; set; } = 1;

    /// <summary>Defines a policy in code: <c>options.AddPolicy("search", policy => policy.TokenBucket(30, TimeSpan.FromMinutes(1)))</c>.</summary>
    /// <exception cref="ArgumentException">There is one of this name.</exception>
    public RateLimitOptions AddPolicy(string name, Action<PolicyOptions> define)
    {
        ArgumentNullException.ThrowIfNull(define);
        var policy = new PolicyOptions();
        define(policy);
        Policies.Add(name, policy);
        return this;
    }
}
