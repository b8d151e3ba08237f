namespace Sluice.RateLimiting.Local;

/// <summary>
/// Microseconds since the Unix epoch: the wall clock as it was at the start, and from then on the timestamps of the provider.
/// So time never jumps: wherever the wall clock is set, windows keep their length.
/// </summary>
internal sealed class LocalClock(TimeProvider time)
{
    private const long MicrosecondsPerMillisecond = 1000;

    /// <summary>Timers have an end; who wakes early sleeps again.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    private readonly long startTimestamp = time.GetTimestamp();
    private readonly long startTicks = time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;

    /// <summary>To be read where a key is locked: who reads it first must be first to use it.</summary>
    public long Now => (startTicks + time.GetElapsedTime(startTimestamp).Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>A timer that fires once, at a time or earlier: timers know whole milliseconds only, and no end too far away.</summary>
    public ITimer StartTimer(TimerCallback callback, object state, long at) =>
        time.CreateTimer(callback, state, SleepUntil(at), Timeout.InfiniteTimeSpan);

    public void Restart(ITimer timer, long at) => timer.Change(SleepUntil(at), Timeout.InfiniteTimeSpan);

    private TimeSpan SleepUntil(long at)
    {
        var milliseconds = (at - Now + MicrosecondsPerMillisecond - 1) / MicrosecondsPerMillisecond;
        return milliseconds < LongestSleep.TotalMilliseconds ? TimeSpan.FromMilliseconds(Math.Max(0, milliseconds)) : LongestSleep;
    }
}
