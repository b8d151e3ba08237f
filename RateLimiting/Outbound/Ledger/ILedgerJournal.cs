namespace Sluice.RateLimiting;

/// <summary>
/// Remembers outside of Redis, coarsely, until when an account's requests may have been sent. It tells a ledger that never existed
/// (open at once) from one that was lost (closed until nothing that it knew can matter). Implementations are thread-safe, and use one
/// clock for all processes.
/// </summary>
public interface ILedgerJournal
{
    /// <summary>How long ago the account's horizon passed; negative while it lies ahead, null when the account has never sent.</summary>
    /// <param name="account">The account's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<TimeSpan?> SinceHorizonAsync(string account, CancellationToken cancellationToken = default);

    /// <summary>Puts the account's horizon to now + <paramref name="ahead"/> unless it lies farther already. Durable when it returns.</summary>
    /// <param name="account">The account's name.</param>
    /// <param name="ahead">Above zero.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask ExtendAsync(string account, TimeSpan ahead, CancellationToken cancellationToken = default);
}
