namespace Sluice.RateLimiting;

/// <summary>
/// How failed attempts are repeated: those that the network, 408, 429 or 5xx ended, of requests that are idempotent by their method or carry an
/// <c>Idempotency-Key</c>. Attempt n (from 0) is followed after min(<see cref="MaxDelay"/>, <see cref="BaseDelay"/> * 2^n) + random(0, <see cref="Jitter"/>),
/// unless the server says how long: Retry-After, X-RateLimit-Reset and RateLimit come first.
/// </summary>
public sealed class RetryOptions
{
    /// <summary>Attempts in all: 1 (none is repeated) to 100; 5 by default.</summary>
    public int Attempts { get; set; } = 5;

    /// <summary>After the first failed attempt: 0 to 1 day; 1 s by default.</summary>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay before the jitter: at least <see cref="BaseDelay"/>, to 1 day; 30 s by default.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most that chance adds: 0 to 1 day; 1 s by default.</summary>
    public TimeSpan Jitter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay that a server may ask for, 0 to 1 day; 5 minutes by default. Beyond it the failed response is returned.</summary>
    public TimeSpan MaxServerDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes of the largest body that is kept for another attempt: 0 to 1 GiB; 1 MiB by default. A request with a larger one, or one of unknown length, is sent once.</summary>
    public int MaxBodyBytes { get; set; } = 1024 * 1024;
}

/// <summary>
/// When a server (scheme, host and port) is left alone: of late at least <see cref="MinimumThroughput"/> requests went to it, and <see cref="FailureRatio"/> of
/// them failed with 408, 5xx, or no response. After the break one request tries it; it pays its permit like any other.
/// </summary>
public sealed class BreakerOptions
{
    /// <summary>True by default.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Above 0, to 1; 0.9 by default: half of the attempts failing is for retries to mend.</summary>
    public double FailureRatio { get; set; } = 0.9;

    /// <summary>Requests within <see cref="SamplingDuration"/> before anything is concluded: 2 to 1,000,000; 20 by default.</summary>
    public int MinimumThroughput { get; set; } = 20;

    /// <summary>What is of late: 500 ms to 1 day; 30 s by default.</summary>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the server is left alone: 500 ms to 1 day; 5 s by default.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>At most <see cref="Permits"/> requests in a day or a month of the calendar.</summary>
public sealed class QuotaOptions
{
    /// <summary>1 to 2,147,483,647.</summary>
    public int Permits { get; set; }

    /// <summary>A day by default.</summary>
    public QuotaKind Period { get; set; }

    /// <summary>Whose midnight counts, by its IANA name; <c>UTC</c> by default.</summary>
    public string TimeZone { get; set; } = "UTC";
}

/// <summary>What a quota is for.</summary>
public enum QuotaKind
{
    /// <summary>From midnight to midnight.</summary>
    Day,

    /// <summary>From the midnight that begins the month's first day.</summary>
    Month,
}
