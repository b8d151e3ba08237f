using System.Net;
using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>
/// The standard pipeline with its defaults: at most 1000 requests at once, 30 s in total, three retries (2 s doubling, with jitter, or as
/// Retry-After says), a circuit breaker (10 % of at least 100 requests in 30 s open it for 5 s), 10 s per attempt.
/// Like the original it retries every method: a caller whose POST is not idempotent takes a client without this handler.
/// One instance per pipeline name, since the breaker and the limit count over all handlers of a client.
/// </summary>
internal sealed class StandardResilience(TimeProvider time) : IDisposable
{
    private readonly ConcurrencyLimiter limiter = new(new ConcurrencyLimiterOptions { PermitLimit = 1000, QueueLimit = 0 });

    private readonly ResiliencePipeline<HttpResponseMessage> pipeline =
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddTimeout(TimeSpan.FromSeconds(30))
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = 3,
                Delay = TimeSpan.FromSeconds(2),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = static attempt => ValueTask.FromResult(IsTransient(attempt.Outcome)),
                DelayGenerator = attempt => ValueTask.FromResult(RetryAfter(attempt.Outcome.Result, time)),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                FailureRatio = 0.1,
                MinimumThroughput = 100,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = TimeSpan.FromSeconds(5),
                ShouldHandle = static attempt => ValueTask.FromResult(IsTransient(attempt.Outcome)),
            })
            .AddTimeout(TimeSpan.FromSeconds(10))
            .Build();

    public async Task<HttpResponseMessage> SendAsync(Func<CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        using var lease = limiter.AttemptAcquire();
        if (!lease.IsAcquired)
            throw new HttpRequestException("The client has 1000 requests under way and takes no more.");
        return await pipeline.ExecuteAsync(static async (send, token) => await send(token), send, cancellationToken);
    }

    public void Dispose() => limiter.Dispose();

    internal static bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException or TimeoutRejectedException } => true,
        { Result.StatusCode: >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests } => true,
        _ => false,
    };

    private static TimeSpan? RetryAfter(HttpResponseMessage? response, TimeProvider time) => response?.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > time.GetUtcNow() ? date - time.GetUtcNow() : TimeSpan.Zero,
        _ => null,
    };
}

internal sealed class StandardResilienceHandler(StandardResilience resilience) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        resilience.SendAsync(token => base.SendAsync(request, token), cancellationToken);
}
