using System.Collections;

namespace Sluice.RateLimiting;

/// <summary>One tier as a decision left it.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="Remaining">Units that can be taken at once: 0 to <see cref="Limit"/>.</param>
/// <param name="ResetAfter">How long until <see cref="Remaining"/> grows if nobody takes more; zero when the tier is untouched.</param>
public readonly record struct TierStatus(RateLimitTier Tier, long Remaining, TimeSpan ResetAfter)
{
    /// <summary>The most units that the tier ever has.</summary>
    public int Limit => Tier.Capacity;

    /// <summary>Units that are taken at the moment: 0 to <see cref="Limit"/>.</summary>
    public long Used => Limit - Remaining;
}

/// <summary>A decision's tiers; reading it allocates nothing.</summary>
public readonly struct TierStatusList : IReadOnlyList<TierStatus>
{
    private readonly KeyReading? reading;
    private readonly long taken;
    private readonly long elapsed;

    internal TierStatusList(KeyReading? reading, long taken, long elapsed)
    {
        this.reading = reading;
        this.taken = taken;
        this.elapsed = elapsed;
    }

    /// <inheritdoc/>
    public int Count => reading?.Tiers.Count ?? 0;

    /// <inheritdoc/>
    public TierStatus this[int index] => reading is null ? throw new ArgumentOutOfRangeException(nameof(index)) : reading.StatusOf(index, taken, elapsed);

    /// <inheritdoc cref="IEnumerable{T}.GetEnumerator"/>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<TierStatus> IEnumerable<TierStatus>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Walks the tiers in order.</summary>
    public struct Enumerator : IEnumerator<TierStatus>
    {
        private readonly TierStatusList list;
        private int index = -1;

        internal Enumerator(TierStatusList list) => this.list = list;

        /// <inheritdoc/>
        public readonly TierStatus Current => list[index];

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext() => ++index < list.Count;

        /// <inheritdoc/>
        public void Reset() => index = -1;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
