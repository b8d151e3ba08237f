namespace Sluice.RateLimiting.Tests.Limiter.Models;

internal enum CallKind
{
    /// <summary>Granted now or refused.</summary>
    Immediate,

    /// <summary>Granted a slot ahead, if that is near enough.</summary>
    Waiting,

    /// <summary>Charges nothing.</summary>
    Probe,
}

/// <summary>What is asked for. Times are us.</summary>
internal sealed record ModelCall(CallKind Kind, int Units, long LongestWait = 0)
{
    public override string ToString() => Kind switch
    {
        CallKind.Waiting => $"{Units} within {LongestWait}",
        CallKind.Probe => $"{Units}?",
        _ => $"{Units}",
    };
}

/// <summary>What one call is told: us until its slot where it is granted, until it would be where it is refused.</summary>
internal sealed record ModelDecision(bool IsGranted, long Wait, int BindingTier, IReadOnlyList<long> Remaining, IReadOnlyList<long> Reset)
{
    public override string ToString() =>
        $"{(IsGranted ? "granted" : "refused")}, wait {Wait}, tier {BindingTier}, "
        + $"remaining {string.Join(' ', Remaining)}, reset {string.Join(' ', Reset)}";
}

/// <summary>All tiers of one key, looked at together and charged together or not at all.</summary>
internal sealed class PolicyModel(IReadOnlyList<RateLimitTier> tiers, EngineTraits traits)
{
    private List<TierModel> models = [.. tiers.Select(tier => TierModel.Of(tier, traits))];

    // Moments and units of all slots that weren't given up.
    private readonly List<(long At, long Units)> slots = [];

    /// <summary>Calls that are decided in one go, in their order.</summary>
    public IReadOnlyList<ModelDecision> Decide(long now, IReadOnlyList<ModelCall> calls)
    {
        See(now);
        var available = models.ConvertAll(model => model.Available(now));
        var untouched = models.ConvertAll(model => model.Reset(now));
        List<(bool IsGranted, long Wait, int Binding, long Taken)> found = [];
        long taken = 0;
        foreach (var call in calls)
        {
            var waits = models.ConvertAll(model => model.Earliest(call.Units, now) - now);
            // Nobody overtakes who has a slot.
            var wait = Math.Max(waits.Max(), slots.Select(slot => slot.At).Append(0).Max() - now);
            var isGranted = wait <= (call.Kind == CallKind.Waiting ? call.LongestWait : 0);
            if (isGranted && call.Kind != CallKind.Probe)
            {
                models.ForEach(model => model.Charge(call.Units, now + wait, wait > 0));
                taken += call.Units;
                if (wait > 0)
                    slots.Add((now + wait, call.Units));
            }

            found.Add((isGranted, wait, isGranted ? available.IndexOf(available.Min()) : waits.IndexOf(waits.Max()), taken));
        }

        var touched = models.ConvertAll(model => model.Reset(now));
        return [.. found.Select(call => new ModelDecision(
            call.IsGranted,
            call.Wait,
            call.Binding,
            available.ConvertAll(units => Math.Max(0, units - call.Taken)),
            call.Taken == 0 ? untouched : touched))];
    }

    /// <summary>Somebody looks at the clock.</summary>
    public void See(long now) => models.ForEach(model => model.See(now));

    /// <summary>Takes back a charge whose time has come.</summary>
    public void Refund(long units, long at) => models.ForEach(model => model.Refund(units, at));

    /// <summary>Takes back a slot whose time hasn't come.</summary>
    public void GiveUp(long units, long at)
    {
        slots.Remove((at, units));
        models.ForEach(model => model.GiveUp(units, at));
    }

    public void Return(long units, long at)
    {
        foreach (var model in models.OfType<ConcurrencyModel>())
            model.Return(units, at);
    }

    public void Reset()
    {
        slots.Clear();
        models = [.. tiers.Select(tier => TierModel.Of(tier, traits))];
    }
}
