namespace Sluice.RateLimiting;

/// <summary>Is told what requests waited for, and of refusals. Called on the ledger's own path: implementations return at once and don't throw.</summary>
public interface IOutboundObserver
{
    /// <summary>Requests of a tag waited; told when the wait is over, and only if it was 50 ms or longer.</summary>
    void Waited(OutboundWait wait);

    /// <summary>The server refused a request; told once per pause, whoever else was refused meanwhile.</summary>
    void Refused(OutboundRefusal refusal);
}

/// <summary>A wait that requests of one tag shared in this process.</summary>
/// <param name="Account">The account's name.</param>
/// <param name="Tag">What the requests carried as <see cref="PermitLedgerHandler.Tag"/>.</param>
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
}

/// <summary>A refusal (429) that began a pause.</summary>
/// <param name="Account">The account's name.</param>
/// <param name="Tag">What the refused request carried as <see cref="PermitLedgerHandler.Tag"/>.</param>
/// <param name="RetryAfter">How long all processes leave the server alone.</param>
public sealed record OutboundRefusal(string Account, string? Tag, TimeSpan RetryAfter);
