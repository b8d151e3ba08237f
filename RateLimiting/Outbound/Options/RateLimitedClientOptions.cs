namespace Sluice.RateLimiting;

/// <summary>
/// How a rate-limited <see cref="HttpClient"/> behaves: whose budget it spends, what the server allows, and what it does when a request may not
/// be sent or has failed. Validated when the host starts; read once per client.
/// </summary>
public sealed class RateLimitedClientOptions
{
    /// <summary>
    /// Whose budget the requests are charged to; the client's name where left empty. All clients of an account, in all processes that share a
    /// Redis, must have the same limits, pacing, lease, instances and rule for outages.
    /// </summary>
    public string Account { get; set; } = "";

    /// <summary>
    /// What tells accounts apart within this one: empty (the default) nothing, <c>Host</c> the server, <c>Header:NAME</c> a header of the
    /// request, of which only a hash is kept. Requests without the header share one account.
    /// </summary>
    public string Partition { get; set; } = "";

    /// <summary>The same in code, for whatever a request may carry; in place of <see cref="Partition"/>. It must not return secrets: names of accounts are seen in Redis and in logs.</summary>
    public Func<HttpRequestMessage, string>? AccountOf { get; set; }

    /// <summary>What happens to a request that may not be sent yet; <see cref="ClientMode.Wait"/> by default.</summary>
    public ClientMode Mode { get; set; }

    /// <summary>
    /// For <see cref="ClientMode.Wait"/>: the longest wait for permit and circuit together, 0 or more. A request that would have to wait longer
    /// throws <see cref="RequestNotSentException"/> at once. Null, the default, waits for ever.
    /// </summary>
    public TimeSpan? MaxWait { get; set; }

    /// <summary>By what the server counts; <see cref="ClientPacing.Windows"/> by default.</summary>
    public ClientPacing Pacing { get; set; }

    /// <summary>
    /// What the server allows. <see cref="ClientPacing.Windows"/> needs 1 to 8, all of which hold together; <see cref="ClientPacing.LeakyBucket"/> takes one,
    /// 60 per minute where there is none; <see cref="ClientPacing.Adaptive"/> takes none.
    /// </summary>
    public IList<WindowOptions> Limits { get; } = [];

    /// <summary>For <see cref="ClientPacing.LeakyBucket"/>: what the server's bucket holds, so that slow responses don't slow the rate. 1 (the default) to 10,000.</summary>
    public int Burst { get; set; } = 1;

    /// <summary>For <see cref="ClientPacing.Adaptive"/>: requests per second to begin with, 1 to <see cref="MaxPerSecond"/>; 10 by default.</summary>
    public double StartPerSecond { get; set; } = 10;

    /// <summary>For <see cref="ClientPacing.Adaptive"/>: requests per second at the most, to 100,000; 1,000 by default.</summary>
    public double MaxPerSecond { get; set; } = 1000;

    /// <summary>From the permit to the response's headers at the most, 10 ms to 1 hour; 10 s by default. It takes the place of <see cref="HttpClient.Timeout"/>.</summary>
    public TimeSpan Lease { get; set; } = LedgerAccount.DefaultLease;

    /// <summary>What happens while Redis, or the journal, is away; <see cref="StoreFailure.Deny"/> by default: requests wait, so that none can be refused.</summary>
    public StoreFailure OnStoreFailure { get; set; } = StoreFailure.Deny;

    /// <summary>Processes that share the account, for <see cref="StoreFailure.Local"/>: 1 (the default) to 10,000.</summary>
    public int Instances { get; set; } = 1;

    /// <summary>Requests per day or month, beside the limits; none by default. They need an <see cref="ILedgerJournal"/> that outlives the process.</summary>
    public IList<QuotaOptions> Quotas { get; } = [];

    /// <summary>
    /// For <see cref="ClientMode.Wait"/>: how far away a quota's reset may be to be waited for; beyond it <see cref="QuotaExhaustedException"/> is thrown.
    /// 0 (the default: always thrown) to 31 days.
    /// </summary>
    public TimeSpan QuotaWait { get; set; }

    /// <summary>How failed attempts are repeated.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>When a server is left alone that answers almost nothing.</summary>
    public BreakerOptions Breaker { get; set; } = new();

    /// <summary>0 to below 1; for the jitter.</summary>
    internal Func<double> Random { get; set; } = System.Random.Shared.NextDouble;

    /// <summary>The account that a client with these options charges, the <see cref="Partition"/> aside.</summary>
    /// <param name="client">The client's name, for where <see cref="Account"/> is empty.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public LedgerAccount DescribeAccount(string client)
    {
        var name = Account.Length == 0 ? client : Account;
        var rate = Limits.FirstOrDefault() ?? new WindowOptions { Permits = 60, Window = TimeSpan.FromMinutes(1) };
        var plain = Pacing switch
        {
            ClientPacing.LeakyBucket => LedgerAccount.LeakyBucket(name, rate.Permits, rate.Window, Burst, Lease),
            ClientPacing.Adaptive => LedgerAccount.Adaptive(name, StartPerSecond, MaxPerSecond, Lease),
            _ => new LedgerAccount(name, [.. Limits.Select(limit => new LedgerTier(limit.Permits, limit.Window))], Lease),
        };
        return plain.With(OnStoreFailure, Instances);
    }
}

/// <summary>What happens to a request that may not be sent yet.</summary>
public enum ClientMode
{
    /// <summary>It waits its turn.</summary>
    Wait,

    /// <summary>It throws <see cref="RequestNotSentException"/>, which says when to come again: the work can be handed back.</summary>
    Reject,
}

/// <summary>By what a server counts.</summary>
public enum ClientPacing
{
    /// <summary>Windows: what they allow is sent at once. No server with these windows, or token buckets of the same size, can refuse a request.</summary>
    Windows,

    /// <summary>A smooth rate: one by one.</summary>
    LeakyBucket,

    /// <summary>Nobody knows. The rate grows by a tenth after 100 successes and falls by a quarter after 3 refusals; the server's headers are believed.</summary>
    Adaptive,
}

/// <summary>At most <see cref="Permits"/> requests within any <see cref="Window"/>.</summary>
public sealed class WindowOptions
{
    /// <summary>1 to 1,000,000.</summary>
    public int Permits { get; set; }

    /// <summary>1 ms to 366 days.</summary>
    public TimeSpan Window { get; set; }
}
