namespace Sluice.RateLimiting.Outbound;

/// <summary>
/// What this process has promised the journal: until when it may send. The promise is written before the first permit is used and
/// again when half of it has passed, so it costs a write every few seconds. Used by one caller at a time.
/// </summary>
internal sealed class LedgerHorizon(ILedgerJournal journal, LedgerAccount account, TimeProvider time)
{
    private static readonly TimeSpan LongestPromise = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestPromise = TimeSpan.FromSeconds(1);

    // The longer the promise, the longer a lost ledger stays closed.
    private readonly TimeSpan promise = TimeSpan.FromTicks(
        Math.Clamp(account.LongestWindow.Ticks / 4, ShortestPromise.Ticks, LongestPromise.Ticks));

    private long promised;
    private bool hasPromised;

    /// <summary>Whether a permit granted by now may be used.</summary>
    public bool Covers => hasPromised && Left > TimeSpan.Zero;

    private TimeSpan Left => promise - time.GetElapsedTime(promised);

    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (hasPromised && Left > promise / 2)
            return;
        var asked = time.GetTimestamp();
        await journal.ExtendAsync(account.Name, promise, cancellationToken).ConfigureAwait(false);
        (promised, hasPromised) = (asked, true);
    }

    /// <summary>
    /// How long a ledger that isn't there stays closed. A request may have been sent at the horizon, have arrived at its lease's end,
    /// and count for the longest window.
    /// </summary>
    public async Task<TimeSpan> ClosedForAsync(CancellationToken cancellationToken)
    {
        if (await journal.SinceHorizonAsync(account.Name, cancellationToken).ConfigureAwait(false) is not { } since)
            return TimeSpan.Zero;
        var left = account.Lease + account.LongestWindow - since;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
