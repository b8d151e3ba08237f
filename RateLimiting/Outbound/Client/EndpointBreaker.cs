using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace Sluice.RateLimiting.Outbound;

/// <summary>The circuit to one server (scheme, host, port). Thread-safe.</summary>
internal sealed partial class EndpointBreaker
{
    private readonly string endpoint;
    private readonly BreakerOptions options;
    private readonly ILogger logger;
    private readonly ResiliencePipeline<HttpResponseMessage> pipeline;
    private TaskCompletionSource changed = NewSignal();

    public EndpointBreaker(string endpoint, BreakerOptions options, TimeProvider time, ILogger logger)
    {
        (this.endpoint, this.options, this.logger) = (endpoint, options, logger);
        pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                FailureRatio = options.FailureRatio,
                MinimumThroughput = options.MinimumThroughput,
                SamplingDuration = options.SamplingDuration,
                BreakDuration = options.BreakDuration,
                ShouldHandle = static attempt => new(IsFailure(attempt.Outcome)),
                OnOpened = _ => Changed(isOpen: true),
                OnClosed = _ => Changed(isOpen: false),
            })
            .Build();
    }

    /// <summary>Ends when the circuit changes. Who may be turned away takes it before: the circuit may change while one is told.</summary>
    public Task NextChange => Volatile.Read(ref changed).Task;

    /// <exception cref="BrokenCircuitException">The circuit is open, or its probe is under way: nothing was sent.</exception>
    public ValueTask<HttpResponseMessage> ExecuteAsync<T>(Func<T, CancellationToken, ValueTask<HttpResponseMessage>> send, T state, CancellationToken cancellationToken) =>
        pipeline.ExecuteAsync(send, state, cancellationToken);

    /// <summary>How long nothing can be sent, as far as can be said.</summary>
    public TimeSpan WaitOf(BrokenCircuitException exception) =>
        exception.RetryAfter is { } wait && wait > TimeSpan.Zero && wait < options.BreakDuration ? wait : options.BreakDuration;

    private static bool IsFailure(Outcome<HttpResponseMessage> outcome) => outcome.Exception is not null
        ? RetryRules.IsTransient(null, outcome.Exception)
        : RetryRules.IsFailure(outcome.Result!.StatusCode);

    private ValueTask Changed(bool isOpen)
    {
        if (isOpen)
            LogOpen(endpoint, options.BreakDuration);
        else
            LogClosed(endpoint);
        Interlocked.Exchange(ref changed, NewSignal()).TrySetResult();
        return default;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(2, LogLevel.Warning, "{Endpoint} answers almost nothing and is left alone for {BreakDuration}", EventName = "CircuitOpen")]
    private partial void LogOpen(string endpoint, TimeSpan breakDuration);

    [LoggerMessage(3, LogLevel.Information, "{Endpoint} answers again", EventName = "CircuitClosed")]
    private partial void LogClosed(string endpoint);
}
