using System.Net;
using Polly;
using Polly.Retry;

namespace Sluice.RateLimiting.Outbound;

/// <summary>Repeats failed attempts. Everything else is inside of it, so that each attempt is charged. Thread-safe.</summary>
internal sealed class RetryHandler : DelegatingHandler
{
    private static readonly ResiliencePropertyKey<Attempts> Key = new("attempts");

    private readonly OutboundClient client;
    private readonly RateLimitedClientOptions options;
    private readonly ResiliencePipeline<HttpResponseMessage>? pipeline;

    public RetryHandler(OutboundClient client)
    {
        (this.client, options) = (client, client.Options);
        if (options.Retry.Attempts > 1)
            pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = client.Time }
                .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
                {
                    MaxRetryAttempts = options.Retry.Attempts - 1,
                    ShouldHandle = ShouldRepeat,
                    DelayGenerator = DelayOf,
                    OnRetry = Began,
                })
                .Build();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (pipeline is null || !RetryRules.MayRepeat(request, options.Retry.MaxBodyBytes))
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (request.Content is { } content)
            await content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);

        Attempts attempts = new(request);
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Key, attempts);
        try
        {
            return await pipeline.ExecuteAsync(AttemptAsync, context, attempts).ConfigureAwait(false);
        }
        finally
        {
            Ended(attempts);
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<HttpResponseMessage> AttemptAsync(ResilienceContext context, Attempts attempts)
    {
        Ended(attempts);
        return await base.SendAsync(attempts.Request, context.CancellationToken).ConfigureAwait(false);
    }

    private ValueTask<bool> ShouldRepeat(RetryPredicateArguments<HttpResponseMessage> attempt) => new(
        RetryRules.IsTransient(attempt.Outcome.Result, attempt.Outcome.Exception)
        && !(attempt.Outcome.Result is { } response && ServerDelay(response) > options.Retry.MaxServerDelay));

    private ValueTask<TimeSpan?> DelayOf(RetryDelayGeneratorArguments<HttpResponseMessage> attempt)
    {
        if (attempt.Outcome.Result is { StatusCode: HttpStatusCode.TooManyRequests } && RetryRules.IsPaused(AttemptsOf(attempt.Context).Request))
            return new(TimeSpan.Zero);
        return new(attempt.Outcome.Result is { } response && ServerDelay(response) is { } delay
            ? delay
            : RetryRules.Backoff(options, attempt.AttemptNumber));
    }

    private ValueTask Began(OnRetryArguments<HttpResponseMessage> attempt)
    {
        attempt.Outcome.Result?.Dispose();
        if (attempt.RetryDelay > TimeSpan.Zero)
            AttemptsOf(attempt.Context).WaitsSince = client.Time.GetTimestamp();
        return default;
    }

    private void Ended(Attempts attempts)
    {
        if (attempts.WaitsSince is { } since)
            client.Waited(attempts.Request, WaitCause.Retry, since);
        attempts.WaitsSince = null;
    }

    private TimeSpan? ServerDelay(HttpResponseMessage response) => ServerLimits.RetryAfter(response, client.Time.GetUtcNow());

    private static Attempts AttemptsOf(ResilienceContext context) => context.Properties.GetValue(Key, null!);

    private sealed class Attempts(HttpRequestMessage request)
    {
        public HttpRequestMessage Request { get; } = request;

        /// <summary>While it waits for the next one: a timestamp.</summary>
        public long? WaitsSince { get; set; }
    }
}
