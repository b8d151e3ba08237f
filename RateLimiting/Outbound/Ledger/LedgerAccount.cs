using System.Globalization;

namespace Sluice.RateLimiting;

/// <summary>
/// Whose budget requests are charged to, and what the server grants it. All processes that use an account must describe it alike.
/// Immutable, thread-safe.
/// </summary>
public sealed class LedgerAccount
{
    /// <summary>What <see cref="Lease"/> is when left out: 10 s.</summary>
    public static readonly TimeSpan DefaultLease = TimeSpan.FromSeconds(10);

    /// <summary>The shortest <see cref="Lease"/>: 10 ms.</summary>
    public static readonly TimeSpan MinLease = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest <see cref="Lease"/>: 1 hour.</summary>
    public static readonly TimeSpan MaxLease = TimeSpan.FromHours(1);

    /// <param name="name">Unique among the accounts that share a Redis; not empty.</param>
    /// <param name="tiers">The sliding windows that the server counts by; at least one.</param>
    /// <param name="lease">From the permit to the response's headers at most; <see cref="DefaultLease"/> where left out.</param>
    /// <exception cref="ArgumentException">A value out of its range; the message names it.</exception>
    public LedgerAccount(string name, IReadOnlyList<LedgerTier> tiers, TimeSpan? lease = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(tiers);
        Name = name;
        Tiers = [.. tiers];
        Lease = lease ?? DefaultLease;
        if (Faults().FirstOrDefault() is { } fault)
            throw new ArgumentException($"Account '{name}': {fault}");
        LongestWindow = Tiers.Max(tier => tier.Window);
    }

    /// <summary>The account's name.</summary>
    public string Name { get; }

    /// <summary>The windows that hold together.</summary>
    public IReadOnlyList<LedgerTier> Tiers { get; }

    /// <summary>
    /// How long a permit may be used. A request that has no response by then is given up; one whose process died counts as
    /// arrived at the lease's end.
    /// </summary>
    public TimeSpan Lease { get; }

    internal TimeSpan LongestWindow { get; }

    internal bool IsLike(LedgerAccount other) => Lease == other.Lease && Tiers.SequenceEqual(other.Tiers);

    private IEnumerable<string> Faults()
    {
        if (Tiers.Count == 0)
            yield return "there must be at least one tier";
        for (var index = 0; index < Tiers.Count; index++)
            foreach (var fault in WindowLimits.Faults(string.Create(CultureInfo.InvariantCulture, $"Tiers:{index}"), Tiers[index].Permits, Tiers[index].Window))
                yield return fault;
        if (Lease < MinLease || Lease > MaxLease)
            yield return $"Lease must be {MinLease:c} to {MaxLease:c}, not {Lease:c}";
    }
}

/// <summary>One of the server's limits, a sliding window; safe for fixed windows and token buckets of the same numbers too.</summary>
/// <param name="Permits">Requests per window: 1 to <see cref="MaxPermits"/>.</param>
/// <param name="Window">The window's length: <see cref="MinWindow"/> to <see cref="MaxWindow"/>.</param>
public sealed record LedgerTier(int Permits, TimeSpan Window)
{
    /// <summary>The most permits: 1,000,000.</summary>
    public const int MaxPermits = WindowLimits.MaxPermits;

    /// <summary>The shortest window: 1 ms.</summary>
    public static TimeSpan MinWindow => WindowLimits.MinWindow;

    /// <summary>The longest window: 366 days.</summary>
    public static TimeSpan MaxWindow => WindowLimits.MaxWindow;
}
