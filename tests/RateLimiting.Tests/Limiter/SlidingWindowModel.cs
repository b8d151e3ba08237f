namespace Sluice.RateLimiting.Tests.Limiter;

/// <summary>What the model says of one call. Times in us; the binding tier is that of a refusal.</summary>
internal sealed record ModelDecision(bool IsGranted, long RetryAfter, int BindingTier, IReadOnlyList<long> Remaining, IReadOnlyList<long> Reset);

/// <summary>
/// Several sliding windows in plain words: every charge is remembered with its time for ever, and counted each time. A clock that was
/// set back stands still, and no two charges have one time.
/// </summary>
internal sealed class SlidingWindowModel(IReadOnlyList<(int Permits, long Window)> tiers)
{
    private readonly List<(long At, long Units)> charges = [];

    private long Last => charges.Count == 0 ? long.MinValue : charges[^1].At;

    public List<ModelDecision> Decide(long now, IReadOnlyList<int> costs)
    {
        var at = Math.Max(now, Last + 1);
        var unchanged = tiers.Select(tier => Reset(tier, now)).ToList();
        List<(bool IsGranted, long RetryAfter, int Binding, List<long> Remaining)> found = [];
        long taken = 0;
        foreach (var cost in costs)
        {
            var waits = tiers.Select(tier => Wait(tier, now, taken, at, cost)).ToList();
            var isGranted = waits.TrueForAll(wait => wait == 0);
            taken += isGranted ? cost : 0;
            found.Add((isGranted, waits.Max(), waits.IndexOf(waits.Max()), [.. tiers.Select(tier => Available(tier, now) - taken)]));
        }

        if (taken > 0)
            charges.Add((at, taken));
        var changed = tiers.Select(tier => Reset(tier, now)).ToList();
        return [.. found.Select((call, index) => new ModelDecision(
            call.IsGranted, call.RetryAfter, call.Binding, call.Remaining,
            found.Take(index + 1).Any(earlier => earlier.IsGranted) ? changed : unchanged))];
    }

    private long Available((int Permits, long Window) tier, long now) => tier.Permits - Inside(tier, now).Sum(charge => charge.Units);

    private IEnumerable<(long At, long Units)> Inside((int Permits, long Window) tier, long now) =>
        charges.Where(charge => charge.At > Math.Max(now, Last) - tier.Window);

    private long Reset((int Permits, long Window) tier, long now) =>
        Inside(tier, now).Select(charge => charge.At + tier.Window - now).FirstOrDefault();

    // The first moment at which a charge leaves the window and enough room is there; zero where there is now.
    private long Wait((int Permits, long Window) tier, long now, long taken, long at, int cost)
    {
        var inside = Inside(tier, now).ToList();
        if (taken > 0)
            inside.Add((at, taken));
        var used = inside.Sum(charge => charge.Units);
        if (used + cost <= tier.Permits)
            return 0;
        foreach (var charge in inside)
        {
            used -= charge.Units;
            if (used + cost <= tier.Permits)
                return charge.At + tier.Window - now;
        }

        throw new InvalidOperationException("It costs more than the tier has.");
    }
}
