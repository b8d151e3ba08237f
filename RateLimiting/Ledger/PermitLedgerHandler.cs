namespace Sluice.RateLimiting;

/// <summary>tbd</summary>

public sealed class PermitLedgerHandler : DelegatingHandler
{
    /// <summary>The request option that says whose wait it is, such as an import's id.</summary>
    public static HttpRequestOptionsKey<string> Tag { get; } = new("Sluice.PermitLedger.Tag");
}
