using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.RateLimiting.Outbound;
using Sluice.RateLimiting.Redis;
using StackExchange.Redis;

namespace Sluice.RateLimiting;

/// <summary>
/// Permits to send requests to servers with limits, shared by all processes of a Redis, so that no request is refused: a permit counts
/// while its request is under way and for a window from its response, in one ledger on one clock. Clocks of hosts and servers never
/// meet, and no bound on delays is assumed. Where Redis or the journal is away nothing is granted: callers wait,
/// unless the account says otherwise. Thread-safe.
/// </summary>
public sealed class PermitLedger : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, AccountPump> pumps = new(StringComparer.Ordinal);
    private readonly Func<LedgerAccount, AccountPump> newPump;
    private volatile bool isDisposed;

    internal PermitLedger(
        IConnectionMultiplexer redis, ScriptLibrary scripts, ILedgerJournal journal, IOutboundObserver observer, LedgerMetrics metrics,
        TimeProvider time, ILogger<PermitLedger> logger, TimeSpan? storeTimeout = null)
    {
        newPump = account => new AccountPump(
            account, new LedgerStore(redis, scripts, account, time, storeTimeout), new LedgerHorizon(journal, account, time),
            new WaitReports(account, observer, metrics, time), metrics, time, logger);
    }

    /// <summary>
    /// Waits for a permit, however long that takes; within this process the tags get one in turn, and those of one tag first come, first
    /// served. Without a limit of one's own in the
    /// <paramref name="cancellationToken"/> the wait can be as long as the longest window, or an outage.
    /// </summary>
    /// <param name="account">Whose budget is charged; described alike by all who use it.</param>
    /// <param name="tag">Who shares the budget evenly with the other tags, and whose wait is reported to the <see cref="IOutboundObserver"/>; null reports none.</param>
    /// <param name="cancellationToken">Gives up; nothing is charged then.</param>
    /// <exception cref="ArgumentException">The account has other tiers, or another lease, than it had in an earlier call.</exception>
    /// <exception cref="ObjectDisposedException">The ledger is disposed of.</exception>
    public ValueTask<Permit> AcquireAsync(LedgerAccount account, string? tag = null, CancellationToken cancellationToken = default) =>
        AcquireAsync(account, tag, Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Waits for a permit no longer than the patience goes; who would have to wait longer is told at once.</summary>
    /// <param name="account">Whose budget is charged; described alike by all who use it.</param>
    /// <param name="tag">Whose wait is reported to the <see cref="IOutboundObserver"/>; null reports none.</param>
    /// <param name="patience">Zero asks once; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="cancellationToken">Gives up; nothing is charged then.</param>
    /// <exception cref="RequestNotSentException">The wait would be longer than the patience; nothing is charged.</exception>
    /// <exception cref="ArgumentException">The account has other tiers, or another lease, than it had in an earlier call.</exception>
    /// <exception cref="ObjectDisposedException">The ledger is disposed of.</exception>
    public ValueTask<Permit> AcquireAsync(LedgerAccount account, string? tag, TimeSpan patience, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        var pump = PumpOf(account);
        return RedisSpans.AreWanted
            ? TraceAsync(pump, tag, patience, cancellationToken)
            : pump.AcquireAsync(tag, patience, cancellationToken);
    }

    /// <summary>Grants nothing to any process until the time is over; a longer pause in force stays.</summary>
    /// <param name="account">Whose server asked for it.</param>
    /// <param name="length">1 ms or longer; shorter counts as that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether no pause was in force: whoever gets true is the one to record the refusal. True as well when Redis is away.</returns>
    public async Task<bool> PauseAsync(LedgerAccount account, TimeSpan length, CancellationToken cancellationToken = default) =>
        await TryPauseAsync(account, length, cancellationToken).ConfigureAwait(false) ?? true;

    /// <returns>The same, but null when Redis is away.</returns>
    internal Task<bool?> TryPauseAsync(LedgerAccount account, TimeSpan length, CancellationToken cancellationToken) =>
        PumpOf(account).PauseAsync(length < WindowLimits.MinWindow ? WindowLimits.MinWindow : length, cancellationToken);

    /// <summary>Tells the ledger of the permits that have gone back, and ends all waits.</summary>
    public async ValueTask DisposeAsync()
    {
        isDisposed = true;
        foreach (var pump in pumps.Values)
            await pump.StopAsync().ConfigureAwait(false);
    }

    private static ValueTask<Permit> TraceAsync(AccountPump pump, string? tag, TimeSpan patience, CancellationToken cancellationToken) =>
        RedisSpans.TracePermitAsync(pump.Account.Name, () => pump.AcquireAsync(tag, patience, cancellationToken));

    private AccountPump PumpOf(LedgerAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        var pump = pumps.GetOrAdd(account.Name, static (_, created) => created.newPump(created.account), (account, newPump));
        return ReferenceEquals(pump.Account, account) || pump.Account.IsLike(account)
            ? pump
            : throw new ArgumentException($"Account '{account.Name}' has been used with other tiers or another lease.", nameof(account));
    }
}
