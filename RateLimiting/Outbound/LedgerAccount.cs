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

    // A lost ledger of an account without windows knew nothing that a server could count for longer.
    private static readonly TimeSpan WindowWithoutTiers = TimeSpan.FromSeconds(1);

    /// <summary>An account of a server that counts by windows: all that they allow is sent at once.</summary>
    /// <param name="name">Unique among the accounts that share a Redis; not empty.</param>
    /// <param name="tiers">The sliding windows that the server counts by; at least one.</param>
    /// <param name="lease">From the permit to the response's headers at most; <see cref="DefaultLease"/> where left out.</param>
    /// <exception cref="ArgumentException">A value out of its range; the message names it.</exception>
    public LedgerAccount(string name, IReadOnlyList<LedgerTier> tiers, TimeSpan? lease = null)
        : this(name, tiers, LedgerPace.None, lease)
    {
        if (tiers.Count == 0)
            throw new ArgumentException($"Account '{name}': there must be at least one tier");
    }

    private LedgerAccount(string name, IReadOnlyList<LedgerTier> tiers, LedgerPace pace, TimeSpan? lease)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(tiers);
        Name = name;
        MeterName = name;
        Tiers = [.. tiers];
        Pace = pace;
        Lease = lease ?? DefaultLease;
        if (Faults().FirstOrDefault() is { } fault)
            throw new ArgumentException($"Account '{name}': {fault}");
        var window = Tiers.Count == 0 ? WindowWithoutTiers : Tiers.Max(tier => tier.Window);
        LongestWindow = window > pace.Drained ? window : pace.Drained;
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

    /// <summary>
    /// What happens while Redis is away: <see cref="StoreFailure.Deny"/> (the default) lets requests wait, so that none can be refused;
    /// <see cref="StoreFailure.Allow"/> lets them pass; <see cref="StoreFailure.Local"/> grants each process its share of every tier.
    /// </summary>
    public StoreFailure OnStoreFailure { get; init; } = StoreFailure.Deny;

    /// <summary>Processes that share the account, for <see cref="StoreFailure.Local"/>: 1 or more.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>What metrics call it.</summary>
    internal string MeterName { get; private init; }

    internal LedgerPace Pace { get; }

    internal TimeSpan LongestWindow { get; }

    /// <summary>
    /// An account of a server that wants a smooth rate: requests go one by one, <paramref name="window"/> / <paramref name="permits"/> apart.
    /// No leaky bucket of that rate and capacity can refuse one.
    /// </summary>
    /// <param name="name">Unique among the accounts that share a Redis; not empty.</param>
    /// <param name="permits">Requests per window: 1 to <see cref="LedgerTier.MaxPermits"/>.</param>
    /// <param name="window">The window.</param>
    /// <param name="burst">
    /// What the server's bucket holds, 1 or more. With 1 the time of each response adds to the distance. With more, one less than that may be
    /// under way at once, an interval apart: of any span of time no more than those and one per interval arrive in it, which is what the bucket
    /// takes.
    /// </param>
    /// <param name="lease">As for windows.</param>
    /// <exception cref="ArgumentException">A value out of its range; the message names it.</exception>
    public static LedgerAccount LeakyBucket(string name, int permits, TimeSpan window, int burst = 1, TimeSpan? lease = null)
    {
        if (WindowLimits.Faults("Limit", permits, window).FirstOrDefault() is { } fault)
            throw new ArgumentException($"Account '{name}': {fault}");
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        var interval = TimeSpan.FromMicroseconds(Math.Ceiling(window.TotalMicroseconds / permits));
        LedgerTier tier = burst > 1 ? new(burst - 1, LedgerTier.MinWindow) : new(1, interval < LedgerTier.MinWindow ? LedgerTier.MinWindow : interval);
        return new LedgerAccount(name, [tier], new LedgerPace(interval, TimeSpan.Zero, TimeSpan.Zero) { Drained = interval * burst }, lease);
    }

    /// <summary>
    /// An account of a server whose limits nobody knows: the rate grows by a tenth after 100 successes and falls by a quarter after 3 refusals,
    /// for all processes at once. It never falls below 1/s. Once the server's headers have told its windows these hold in place of the rate.
    /// </summary>
    /// <param name="name">Unique among the accounts that share a Redis; not empty.</param>
    /// <param name="startPerSecond">The rate to begin with: 1 to <paramref name="maxPerSecond"/>.</param>
    /// <param name="maxPerSecond">Where it stops to grow: to 100,000.</param>
    /// <param name="lease">As for windows.</param>
    /// <exception cref="ArgumentException">A value out of its range; the message names it.</exception>
    public static LedgerAccount Adaptive(string name, double startPerSecond = 10, double maxPerSecond = 1000, TimeSpan? lease = null)
    {
        if (!(startPerSecond >= 1 && startPerSecond <= maxPerSecond && maxPerSecond <= LedgerPace.MaxPerSecond))
            throw new ArgumentException($"Account '{name}': rates must be 1 to {LedgerPace.MaxPerSecond} per second, and the start no more than the most");
        return new LedgerAccount(
            name, [], new LedgerPace(TimeSpan.FromSeconds(1 / startPerSecond), LedgerPace.Catch, TimeSpan.FromSeconds(1 / maxPerSecond)), lease);
    }

    /// <summary>The same for one of several who are told apart: with a name of its own below this one.</summary>
    internal LedgerAccount For(string partition) => new($"{Name}:{partition}", Tiers, Pace, Lease)
    {
        OnStoreFailure = OnStoreFailure,
        Instances = Instances,
        MeterName = Name,
    };

    internal LedgerAccount With(StoreFailure onStoreFailure, int instances) => new(Name, Tiers, Pace, Lease) { OnStoreFailure = onStoreFailure, Instances = instances };

    internal bool IsLike(LedgerAccount other) =>
        Lease == other.Lease && Pace == other.Pace && OnStoreFailure == other.OnStoreFailure && Instances == other.Instances && Tiers.SequenceEqual(other.Tiers);

    private IEnumerable<string> Faults()
    {
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

/// <summary>How far apart permits are granted.</summary>
/// <param name="Interval">Between two of them; zero: at once. What an adaptive pace begins with.</param>
/// <param name="Slack">Grants that came late are caught up with for so long.</param>
/// <param name="Fastest">The shortest interval of an adaptive pace; zero: the pace is fixed.</param>
internal readonly record struct LedgerPace(TimeSpan Interval, TimeSpan Slack, TimeSpan Fastest)
{
    public const double MaxPerSecond = 100_000;

    public static readonly TimeSpan Catch = TimeSpan.FromMilliseconds(50);

    /// <summary>In which a full bucket of the server's runs out.</summary>
    public TimeSpan Drained { get; init; }

    public static LedgerPace None => default;

    public bool IsAdaptive => Fastest > TimeSpan.Zero;
}
