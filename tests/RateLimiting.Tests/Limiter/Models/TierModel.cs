namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>
/// One tier in plain words: every charge is remembered for ever, and what is available is counted from the first one each time.
/// When more will be is found by trying. Times are us.
/// </summary>
internal abstract class TierModel(RateLimitTier tier, EngineTraits traits)
{
    protected EngineTraits Traits => traits;

    protected long Permits => tier.Permits;

    protected long Capacity => tier.Capacity;

    protected long Window => tier.WindowMicroseconds;

    /// <summary>
    /// In the order in which they were made; but slots stand behind everything that comes before their time.
    /// </summary>
    protected List<ModelCharge> Charges { get; } = [];

    // The newest time that was ever told.
    private long latest = long.MinValue;

    public static TierModel Of(RateLimitTier tier, EngineTraits traits) => tier.Algorithm switch
    {
        RateLimitAlgorithm.SlidingWindow => new SlidingWindowModel(tier, traits),
        RateLimitAlgorithm.SlidingWindowCounter => new SlidingWindowCounterModel(tier, traits),
        RateLimitAlgorithm.FixedWindow => new FixedWindowModel(tier, traits),
        RateLimitAlgorithm.Concurrency => new ConcurrencyModel(tier, traits),
        _ => new BucketModel(tier, traits),
    };

    public long Available(long now)
    {
        var units = Capacity;
        while (units > 0 && !Fits(units, now))
            units--;
        return units;
    }

    public virtual long Earliest(long units, long now)
    {
        if (Fits(units, now))
            return now;
        long never = now, step = 1;
        while (!Fits(units, never + step))
            (never, step) = (never + step, 2 * step);
        // Not yet at the one, already at the other.
        var at = never + step;
        while (at - never > 1)
        {
            var middle = never + (at - never) / 2;
            (never, at) = Fits(units, middle) ? (never, middle) : (middle, at);
        }

        return at;
    }

    public long Reset(long now)
    {
        var available = Available(now);
        return available == Capacity ? 0 : Earliest(available + 1, now) - now;
    }

    public void See(long now) => latest = Math.Max(now, latest);

    public void Charge(long units, long at, bool isSlot = false) => Insert(at, new(at, units, isSlot));

    /// <summary>A slot ahead that its caller won't use has never been.</summary>
    public void GiveUp(long units, long at) => Charges.RemoveAt(Charges.FindIndex(charge => charge.At == at && charge.Units == units));

    /// <summary>Takes back a charge whose time has come.</summary>
    public virtual void Refund(long units, long at) => TakeBack(units, at);

    /// <summary>Whether so many units (at least one) can be charged at a time that isn't before now, if nobody else comes.</summary>
    protected abstract bool Fits(long units, long now);

    protected void Insert(long before, ModelCharge charge)
    {
        var ahead = Charges.FindIndex(other => other.IsSlot && other.At > latest && other.At > before);
        Charges.Insert(ahead < 0 ? Charges.Count : ahead, charge);
    }

    // Each charge at most once, and wholly.
    protected void TakeBack(long units, long at) => Charges.First(charge => charge.At == at && charge.Units == units).Units = 0;
}

internal sealed class ModelCharge(long at, long units, bool isSlot)
{
    public long At => at;

    public bool IsSlot => isSlot;

    public long Units { get; set; } = units;
}
