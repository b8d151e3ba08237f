namespace Sluice.ImportTests.World;

/// <summary>A clock that goes on by itself and can be put forward. Timers and timestamps are the system's. Thread-safe.</summary>
internal sealed class MovedClock(DateTimeOffset start) : TimeProvider
{
    private long ahead = (start - System.GetUtcNow()).Ticks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref ahead));

    public void PutForward(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);
}
