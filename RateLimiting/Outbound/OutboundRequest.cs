namespace Sluice.RateLimiting;

/// <summary>What a request can tell its rate-limited client, through <see cref="HttpRequestMessage.Options"/>.</summary>
public static class OutboundRequest
{
    /// <summary>Whose waits and refusals these are, such as an import's id. A request without it is not reported to the observer.</summary>
    public static HttpRequestOptionsKey<string> Tag { get; } = new("Sluice.Outbound.Tag");

    /// <summary>Gives up the wait for a permit; a request that has its permit is not affected.</summary>
    public static HttpRequestOptionsKey<CancellationToken> PermitUnwanted { get; } = new("Sluice.Outbound.PermitUnwanted");

    internal static string? TagOf(HttpRequestMessage request) => request.Options.TryGetValue(Tag, out var tag) ? tag : null;

    internal static CancellationToken UnwantedOf(HttpRequestMessage request) =>
        request.Options.TryGetValue(PermitUnwanted, out var unwanted) ? unwanted : CancellationToken.None;
}
