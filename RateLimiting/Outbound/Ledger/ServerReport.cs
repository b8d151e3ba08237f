namespace Sluice.RateLimiting.Outbound;

/// <summary>What a response says of the server's limits.</summary>
/// <param name="IsSuccess">It is neither a refusal nor a failure of the server's.</param>
/// <param name="IsRefusal">It is a 429.</param>
/// <param name="Limits">By its headers; those of windows that the account knows, or of all if its limits are learned.</param>
internal sealed record ServerReport(bool IsSuccess, bool IsRefusal, IReadOnlyList<ServerLimit> Limits)
{
    public static readonly ServerReport Nothing = new(false, false, []);
}

/// <summary>One limit as a response's headers tell it.</summary>
/// <param name="Permits">Requests that the server allows in the window.</param>
/// <param name="Remaining">Those left, by its own count.</param>
/// <param name="Window">Zero where the server doesn't say.</param>
internal readonly record struct ServerLimit(int Permits, int Remaining, TimeSpan Window);
