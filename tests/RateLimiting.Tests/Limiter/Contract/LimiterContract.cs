using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter.Contract;

/// <summary>A limiter with a clock that stands until it is moved.</summary>
internal interface ILimiterUnderTest : IAsyncDisposable
{
    PolicyRateLimiter Limiter { get; }

    /// <summary>Moves the clock; back, where it is less than zero. Who was waiting until then goes on.</summary>
    Task AdvanceAsync(TimeSpan by);

    /// <summary>Returns when so many callers sleep until their slots, or until their patience ends.</summary>
    Task UntilSleepingAsync(int callers);
}

/// <summary>What every limiter does alike, wherever it keeps its state. The clock starts where all windows of whole minutes do.</summary>
public abstract partial class LimiterContract
{
    private const string Policy = "p";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    private readonly string client = Guid.NewGuid().ToString("N");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<RateLimitAlgorithm> All => [.. Enum.GetValues<RateLimitAlgorithm>()];

    public static TheoryData<RateLimitAlgorithm> Rates =>
        [.. Enum.GetValues<RateLimitAlgorithm>().Where(algorithm => algorithm != RateLimitAlgorithm.Concurrency)];

    private protected abstract Task<ILimiterUnderTest> StartAsync(RateLimitOptions options);

    private Task<ILimiterUnderTest> StartAsync(Action<PolicyOptions> define) =>
        StartAsync(new RateLimitOptions().AddPolicy(Policy, define));

    /// <summary>A policy of one tier, of a minute.</summary>
    private Task<ILimiterUnderTest> StartAsync(RateLimitAlgorithm algorithm, int permits, Action<PolicyOptions>? define = null) =>
        StartAsync(policy =>
        {
            policy.Tiers.Add(TierOf(algorithm, permits));
            define?.Invoke(policy);
        });

    private static TierOptions TierOf(RateLimitAlgorithm algorithm, int permits, string? name = null) =>
        new() { Algorithm = algorithm, Permits = permits, Window = Minute, Name = name };

    private Task<RateLimitDecision> AcquireAsync(ILimiterUnderTest run, int permits = 1) =>
        run.Limiter.AcquireAsync(Policy, client, permits, Stop).AsTask().Within();

    private Task<RateLimitDecision> PeekAsync(ILimiterUnderTest run, int permits = 1) =>
        run.Limiter.PeekAsync(Policy, client, permits, Stop).AsTask().Within();

    private Task<RateLimitDecision> QueueAsync(ILimiterUnderTest run) => WaitAsync(run, 1, Stop);

    private Task<RateLimitDecision> WaitAsync(ILimiterUnderTest run, int permits, CancellationToken cancellationToken) =>
        run.Limiter.WaitAsync(Policy, client, permits, cancellationToken).AsTask();

    /// <summary>Takes units one by one until it is refused.</summary>
    private async Task<(int Granted, RateLimitDecision Refusal)> ExhaustAsync(ILimiterUnderTest run)
    {
        for (var granted = 0; ; granted++)
            if (await AcquireAsync(run) is { IsGranted: false } refusal)
                return (granted, refusal);
    }
}
