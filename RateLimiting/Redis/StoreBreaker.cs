using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Redis;

/// <summary>
/// A circuit breaker around Redis. While it is open nobody waits for Redis but a probe of the breaker's own, which notices within a second
/// that Redis is back. Thread-safe.
/// </summary>
internal sealed partial class StoreBreaker : IDisposable
{
    private static readonly TimeSpan Break = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource stop = new();
    private readonly CircuitBreakerStateProvider circuit = new();
    private readonly ResiliencePipeline<RedisResult> pipeline;
    private readonly IConnectionMultiplexer redis;
    private readonly RedisScript probe;
    private readonly TimeSpan probeTimeout;
    private readonly TimeProvider time;
    private readonly LimiterMetrics metrics;
    private readonly ILogger<RateLimitStore> logger;

    private volatile Turn turn;

    public StoreBreaker(
        IConnectionMultiplexer redis, ScriptLibrary scripts, TimeSpan probeTimeout, TimeProvider time, LimiterMetrics metrics, ILogger<RateLimitStore> logger)
    {
        (this.redis, this.probeTimeout, this.time, this.metrics, this.logger) = (redis, probeTimeout, time, metrics, logger);
        probe = scripts.Single("probe.lua");
        metrics.WatchStore(() => !IsOpen);
        turn = new(IsAway: false, time.GetUtcNow());
        pipeline = new ResiliencePipelineBuilder<RedisResult> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<RedisResult>
            {
                // The first failure among some calls opens it: each of them was a caller who waited in vain.
                FailureRatio = 0,
                MinimumThroughput = 2,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = Break,
                ShouldHandle = static outcome => new(IsAway(outcome.Outcome.Exception)),
                StateProvider = circuit,
                OnOpened = opened => Open(opened.Outcome.Exception),
                OnClosed = _ => Close(),
            })
            .Build();
    }

    public bool IsOpen => circuit.CircuitState != CircuitState.Closed;

    /// <summary>Its state and since when, which belong together: both from what was done about the last turn.</summary>
    public StoreCircuit Circuit => turn switch
    {
        { IsAway: false, At: var back } => new(StoreCircuitState.Closed, back),
        { At: var away } => new(circuit.CircuitState == CircuitState.HalfOpen ? StoreCircuitState.HalfOpen : StoreCircuitState.Open, away),
    };

    /// <summary>Whether an exception says that Redis doesn't answer, or can't.</summary>
    public static bool IsAway(Exception? exception) => exception is RedisException or TimeoutException or BrokenCircuitException;

    /// <exception cref="BrokenCircuitException">The circuit is open.</exception>
    /// <exception cref="RedisException">Redis is away, or refuses.</exception>
    /// <exception cref="TimeoutException">No answer in time; whether the script has run is unknown.</exception>
    public ValueTask<RedisResult> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments, TimeSpan timeout, AdaptiveSpin? spin = null) => IsOpen
        ? throw new BrokenCircuitException("Redis doesn't answer the limiter.")
        : ExecuteAsync(script, keys, arguments, timeout, spin);

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }

    private ValueTask<RedisResult> ExecuteAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments, TimeSpan timeout, AdaptiveSpin? spin) => pipeline.ExecuteAsync(
        static (call, _) => new ValueTask<RedisResult>(
            call.script.EvaluateAsync(call.breaker.redis.GetDatabase(), call.keys, call.arguments, call.timeout, call.breaker.time, call.spin)),
        (script, keys, arguments, timeout, breaker: this, spin),
        stop.Token);

    private ValueTask Open(Exception? reason)
    {
        // A probe in vain opens the circuit too, which was open before.
        if (!turn.IsAway)
        {
            turn = new(IsAway: true, time.GetUtcNow());
            metrics.StoreOutages.Add(1);
            LogAway(reason?.Message);
            _ = ProbeAsync();
        }

        return default;
    }

    private ValueTask Close()
    {
        turn = new(IsAway: false, time.GetUtcNow());
        LogBack();
        return default;
    }

    private async Task ProbeAsync()
    {
        try
        {
            while (IsOpen)
            {
                await Task.Delay(ProbeInterval, time, stop.Token).ConfigureAwait(false);
                try
                {
                    await ExecuteAsync(probe, [], [], probeTimeout, spin: null).ConfigureAwait(false);
                }
                catch (Exception exception) when (IsAway(exception))
                {
                    // The next one may find it back.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Redis doesn't answer the limiter; policies do as their OnStoreFailure says: {Reason}", EventName = "StoreAway")]
    private partial void LogAway(string? reason);

    [LoggerMessage(2, LogLevel.Information, "Redis answers the limiter again", EventName = "StoreBack")]
    private partial void LogBack();

    /// <summary>When Redis went, or came back.</summary>
    private sealed record Turn(bool IsAway, DateTimeOffset At);
}
