namespace Sluice.RateLimiting;

/// <summary>
/// Remembers outside of Redis what must outlive it. Coarsely, until when an account's requests may have been sent: that tells a ledger that
/// never existed (open at once) from one that was lost (closed until nothing that it knew can matter). Exactly, how much of its quotas an
/// account has used. Implementations are thread-safe, and use one clock for all processes. Without one a process remembers by itself.
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

    /// <summary>
    /// Charges requests to all of the periods, as many as each of them has room for. Durable when it returns; calls made at the same time by
    /// several processes never grant more than a limit together.
    /// </summary>
    /// <param name="account">The account's name.</param>
    /// <param name="periods">One or more; what is not known yet has used nothing.</param>
    /// <param name="requests">How many are wanted; below zero gives back what was charged and not sent, down to zero.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<QuotaCharge> ChargeAsync(string account, IReadOnlyList<QuotaPeriod> periods, int requests, CancellationToken cancellationToken = default);
}
