namespace Sluice.RateLimiting.Outbound;

/// <summary>What has come back since the ledger was last told. Not thread-safe.</summary>
internal sealed class Returns
{
    public List<long> Released { get; } = [];

    public List<long> Returned { get; } = [];

    /// <summary>Requests that were sent while the ledger could not be asked.</summary>
    public int Unledgered { get; set; }

    public int Successes { get; set; }

    public int Refusals { get; set; }

    /// <summary>By window the last one, with the time on the ledger's clock at which its request's permit was granted.</summary>
    public Dictionary<TimeSpan, (ServerLimit Limit, long GrantedAt)> Readings { get; } = [];

    public bool IsEmpty => Released.Count == 0 && Returned.Count == 0 && Unledgered == 0 && Successes == 0 && Refusals == 0;

    public void Add(ServerReport report, long grantedAt)
    {
        Successes += report.IsSuccess ? 1 : 0;
        Refusals += report.IsRefusal ? 1 : 0;
        foreach (var limit in report.Limits)
            Readings[limit.Window] = (limit, grantedAt);
    }

    /// <summary>What a question took and did not bring home; newer readings stay.</summary>
    public void PutBack(Returns taken)
    {
        Released.AddRange(taken.Released);
        Returned.AddRange(taken.Returned);
        Unledgered += taken.Unledgered;
        Successes += taken.Successes;
        Refusals += taken.Refusals;
        foreach (var (window, reading) in taken.Readings)
            Readings.TryAdd(window, reading);
    }
}
