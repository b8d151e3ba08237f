namespace Aspire.Dashboard.Charts;

/// <summary>The time that a chart shows, in equal steps.</summary>
/// <param name="Start">Nanoseconds since 1970.</param>
/// <param name="Step">Nanoseconds.</param>
/// <param name="Steps">How many.</param>
public sealed record ChartFrame(long Start, long Step, int Steps)
{
    private const int Wanted = 120;

    public long End => Start + Step * Steps;

    /// <summary>Steps begin at whole multiples of their length: a chart moves on, and its old part stays as it was.</summary>
    public static ChartFrame Until(DateTimeOffset end, TimeSpan length)
    {
        var step = Math.Max(1, (long)Math.Ceiling(length.TotalSeconds / Wanted)) * 1_000_000_000;
        var steps = (int)(length.Ticks * TimeSpan.NanosecondsPerTick / step);
        var last = (end - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick / step;
        return new ChartFrame((last - steps) * step, step, steps);
    }
}
