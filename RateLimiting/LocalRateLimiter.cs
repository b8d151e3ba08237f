using Microsoft.Extensions.Options;
using Sluice.RateLimiting.Local;

namespace Sluice.RateLimiting;

/// <summary>
/// Limits calls within this process, without Redis; counts exactly as <see cref="RedisRateLimiter"/> does, on a clock of whole
/// microseconds. What nobody uses any more is forgotten: a partition takes memory only while it has units taken, callers waiting or
/// leases held. A lease lasts until it is returned: its holder lives as long as the limiter does. Thread-safe.
/// </summary>
public sealed class LocalRateLimiter : PolicyRateLimiter
{
    private const string OptionsPath = "RateLimiting";

    private readonly KeyTable keys;

    /// <summary>A limiter with policies that stay as they are.</summary>
    /// <param name="options">The policies. Changes made to them later have no effect.</param>
    /// <param name="time">The clock; the system's where it is left out. Time goes by its timestamps, so setting the wall clock changes nothing.</param>
    /// <exception cref="OptionsValidationException">The options are faulty; all faults are named.</exception>
    public LocalRateLimiter(RateLimitOptions options, TimeProvider? time = null)
        : this(new RateLimitPolicies(Valid(options)), time ?? TimeProvider.System)
    {
    }

    internal LocalRateLimiter(RateLimitPolicies policies, TimeProvider time)
        : base(policies) =>
        keys = new KeyTable(time);

    /// <summary>Partitions that take memory.</summary>
    internal int KeyCount => keys.Count;

    /// <summary>Decides at once, also in the name of a limiter whose store is away.</summary>
    internal RateLimitDecision Decide(RateLimitPolicy policy, string partition, int units, bool isStoreUnavailable)
    {
        using (keys.Enter(policy, partition, out var key))
            return key.Decide(units, isStoreUnavailable);
    }

    private protected override ValueTask<RateLimitDecision> AcquireUnitsAsync(RateLimitPolicy policy, string partition, int units) =>
        new(Decide(policy, partition, units, isStoreUnavailable: false));

    private protected override ValueTask<RateLimitDecision> WaitForUnitsAsync(
        RateLimitPolicy policy, string partition, int units, CancellationToken cancellationToken)
    {
        using (keys.Enter(policy, partition, out var key))
            return key.WaitAsync(units, cancellationToken);
    }

    private protected override ValueTask<RateLimitDecision> PeekUnitsAsync(RateLimitPolicy policy, string partition, int units)
    {
        using (keys.Enter(policy, partition, out var key))
            return new(key.Peek(units));
    }

    private protected override ValueTask ForgetAsync(RateLimitPolicy policy, string partition)
    {
        keys.Reset(policy, partition);
        return ValueTask.CompletedTask;
    }

    private static RateLimitOptions Valid(RateLimitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var result = new RateLimitOptionsValidator(OptionsPath).Validate(Options.DefaultName, options);
        return result.Succeeded
            ? options
            : throw new OptionsValidationException(Options.DefaultName, typeof(RateLimitOptions), result.Failures);
    }
}
