using Sluice.RateLimiting.Outbound;

namespace Sluice.RateLimiting;

/// <summary>
/// The right to send one request before the lease ends. A permit of which the ledger hears nothing more counts as a request that
/// arrived at the lease's end. Thread-safe; the first of <see cref="Release()"/> and <see cref="Return"/> counts.
/// </summary>
public sealed class Permit
{
    private readonly AccountPump pump;
    private readonly long number;
    private readonly long leaseStarted;
    private readonly long grantedAt;
    private int isSettled;

    internal Permit(AccountPump pump, long number, long leaseStarted, long grantedAt) =>
        (this.pump, this.number, this.leaseStarted, this.grantedAt) = (pump, number, leaseStarted, grantedAt);

    /// <summary>How long it may still be used; zero or less when the lease has ended. Never longer than by Redis's clock.</summary>
    public TimeSpan LeaseLeft => pump.LeaseLeft(leaseStarted);

    /// <summary>The response has come: the request counts for a window from now.</summary>
    public void Release() => Release(ServerReport.Nothing);

    /// <summary>Nothing was sent, beyond doubt: the permit goes to somebody else.</summary>
    public void Return()
    {
        if (Interlocked.Exchange(ref isSettled, 1) == 0)
            pump.Return(number);
    }

    /// <summary>The response has come, and says this of the limits.</summary>
    internal void Release(ServerReport report)
    {
        if (Interlocked.Exchange(ref isSettled, 1) == 0)
            pump.Release(number, grantedAt, report);
    }
}
