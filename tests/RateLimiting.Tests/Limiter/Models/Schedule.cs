using System.Globalization;

namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>
/// How far the clock moves: so many us, below zero where it is set back; or to the time that the last call had to wait for, and so many
/// beside it.
/// </summary>
internal sealed record Pause(long Microseconds, bool ToLastWait = false)
{
    public override string ToString() =>
        (ToLastWait ? "wait" : "") + Microseconds.ToString(ToLastWait ? "+0;-0;+0" : "0", CultureInfo.InvariantCulture);
}

internal enum Undo
{
    Nothing,

    /// <summary>A slot whose time hasn't come is given up.</summary>
    Refund,
    Return,
    Reset,
}

/// <summary>After a pause one of the grants so far is undone, or nothing, and then calls come that are decided in one go.</summary>
internal sealed record Step(Pause Pause, Undo Undo, int Grant, IReadOnlyList<ModelCall> Calls)
{
    public override string ToString() => $"{Pause}: {(Undo == Undo.Nothing ? "" : $"{Undo} {Grant}, ")}{string.Join(", ", Calls)}";
}

internal sealed record Schedule(IReadOnlyList<RateLimitTier> Tiers, IReadOnlyList<Step> Steps)
{
    public override string ToString() => string.Join(
        '\n',
        [
            .. Tiers.Select(tier => $"{tier.Algorithm} {tier.Permits} per {tier.WindowMicroseconds} us, at most {tier.Capacity}"),
            .. Steps.Select(step => $"  {step}"),
        ]);
}
