using System.Globalization;
using Sluice.ServiceDefaults.Startup;

namespace Sluice.Gateway.Traffic;

/// <summary>Configuration section <c>Traffic</c>: what is kept of the gateway's decisions. Read once, at the start.</summary>
public sealed class TrafficOptions
{
    public const string Section = "Traffic";

    private const int MostClients = 10_000;
    private const int MostFlushes = 3600;

    private static readonly TimeSpan shortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan longestInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan shortestSeconds = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan longestSeconds = TimeSpan.FromDays(1);
    private static readonly TimeSpan shortestMinutes = TimeSpan.FromHours(1);
    private static readonly TimeSpan longestMinutes = TimeSpan.FromDays(3660);

    /// <summary>Whether decisions are kept, and GET /metrics answers. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often what was counted is sent to PostgreSQL: 100 ms to 10 s. Default 1 s.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Clients that an interval names, the busiest; the others are one: 1 to 10,000. Default 100.</summary>
    public int Clients { get; set; } = 100;

    /// <summary>Intervals that wait for PostgreSQL, beyond which what was counted is dropped: 1 to 3,600. Default 60.</summary>
    public int Queue { get; set; } = 60;

    /// <summary>How long figures per second are kept: 2 minutes to 1 day. Default 1 h.</summary>
    public TimeSpan KeepSeconds { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long figures per minute are kept, and the longest window that can be asked for: 1 h to 3,660 days. Default 30 days.</summary>
    public TimeSpan KeepMinutes { get; set; } = TimeSpan.FromDays(30);

    internal static void Check(TrafficOptions options, OptionFaults faults)
    {
        Within(options.Interval, shortestInterval, longestInterval, nameof(Interval));
        Within(options.KeepSeconds, shortestSeconds, longestSeconds, nameof(KeepSeconds));
        Within(options.KeepMinutes, shortestMinutes, longestMinutes, nameof(KeepMinutes));
        Within(options.Clients, 1, MostClients, nameof(Clients));
        Within(options.Queue, 1, MostFlushes, nameof(Queue));

        void Within<T>(T value, T least, T most, string name) where T : IComparable<T> => faults.Require(
            value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0, name,
            string.Create(CultureInfo.InvariantCulture, $"must be {least} to {most}, is {value}"));
    }
}
