namespace Sluice.RateLimiting;

/// <summary>Is told what requests waited for, and of refusals. Called on the requests' own path: implementations return at once and don't throw.</summary>
public interface IOutboundObserver
{
    /// <summary>
    /// Requests of a tag waited. Waits for permits are told when they are over, once for all requests of the tag and only if they
    /// took 50 ms or longer; the others for each request.
    /// </summary>
    void Waited(OutboundWait wait);

    /// <summary>The server refused a request; told once per pause, whoever else was refused meanwhile.</summary>
    void Refused(OutboundRefusal refusal);
}

/// <summary>A wait that requests of one tag shared in this process.</summary>
/// <param name="Account">The account's name.</param>
/// <param name="Tag">What the requests carried as <see cref="OutboundRequest.Tag"/>.</param>
/// <param name="Cause">Why.</param>
/// <param name="Started">A timestamp of the ledger's <see cref="TimeProvider"/>.</param>
/// <param name="Ended">A later one.</param>
public sealed record OutboundWait(string Account, string Tag, WaitCause Cause, long Started, long Ended);

/// <summary>What a request waits for.</summary>
public enum WaitCause
{
    /// <summary>The account's permits are used up.</summary>
    Ledger,

    /// <summary>The server refused a request and is left alone for as long as it asked.</summary>
    Pause,

    /// <summary>The ledger was lost; it stays closed until nothing that it knew can matter.</summary>
    Lost,

    /// <summary>Redis or the journal doesn't answer.</summary>
    Store,

    /// <summary>An attempt has failed; the next one comes later.</summary>
    Retry,

    /// <summary>The day's or the month's quota is used up.</summary>
    Quota,

    /// <summary>The server's circuit is open: of late it has answered almost nothing.</summary>
    Breaker,
}

/// <summary>A refusal (429) that began a pause.</summary>
/// <param name="Account">The account's name.</param>
/// <param name="Tag">What the refused request carried as <see cref="OutboundRequest.Tag"/>.</param>
/// <param name="RetryAfter">How long all processes leave the server alone.</param>
public sealed record OutboundRefusal(string Account, string? Tag, TimeSpan RetryAfter);
