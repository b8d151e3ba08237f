using System.Net;

namespace Sluice.RateLimiting.Outbound;

/// <summary>What may be repeated, and how long after.</summary>
internal static class RetryRules
{
    private const string IdempotencyKey = "Idempotency-Key";

    private static readonly HttpRequestOptionsKey<bool> Paused = new("Sluice.Outbound.Paused");

    /// <summary>Whether the request does the same when it is sent twice, and can be: its body is there to be sent again.</summary>
    public static bool MayRepeat(HttpRequestMessage request, int maxBodyBytes) =>
        (IsIdempotent(request.Method) || request.Headers.Contains(IdempotencyKey))
        && (request.Content is null || request.Content.Headers.ContentLength <= maxBodyBytes);

    public static bool IsTransient(HttpResponseMessage? response, Exception? exception) => exception switch
    {
        null => response!.StatusCode is HttpStatusCode.TooManyRequests || IsFailure(response.StatusCode),
        HttpRequestException or IOException => true,
        // The lease ended; a caller who gives up has no timeout inside.
        _ => exception is OperationCanceledException { InnerException: TimeoutException },
    };

    public static bool IsFailure(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError;

    /// <param name="options">The bounds.</param>
    /// <param name="attempt">The one that failed, from 0.</param>
    public static TimeSpan Backoff(RateLimitedClientOptions options, int attempt) => TimeSpan.FromTicks((long)(
        Math.Min(options.Retry.MaxDelay.Ticks, options.Retry.BaseDelay.Ticks * Math.Pow(2, attempt)) + options.Random() * options.Retry.Jitter.Ticks));

    /// <summary>The response was a 429, and the ledger keeps everyone from sending: who comes again waits there.</summary>
    public static void SetPaused(HttpRequestMessage request, bool isPaused) => request.Options.Set(Paused, isPaused);

    public static bool IsPaused(HttpRequestMessage request) => request.Options.TryGetValue(Paused, out var isPaused) && isPaused;

    private static bool IsIdempotent(HttpMethod method) => method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Put
        || method == HttpMethod.Delete || method == HttpMethod.Options || method == HttpMethod.Trace;
}
