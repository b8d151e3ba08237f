using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter.Contract;

/// <summary>A clock that knows how many sleep on it: a sleep is a timer that fires once, within a few hours.</summary>
internal sealed class SleepCounter(FakeTimeProvider clock) : TimeProvider
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(12);

    private int sleeping;

    public int Sleeping => Volatile.Read(ref sleeping);

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        period == Timeout.InfiniteTimeSpan && dueTime > TimeSpan.Zero && dueTime < LongestSleep
            ? new Sleep(this, clock, callback, state, dueTime)
            : clock.CreateTimer(callback, state, dueTime, period);

    private sealed class Sleep : ITimer
    {
        private readonly SleepCounter counter;
        private readonly ITimer timer;
        private int isOver;

        public Sleep(SleepCounter counter, FakeTimeProvider clock, TimerCallback callback, object? state, TimeSpan dueTime)
        {
            this.counter = counter;
            timer = clock.CreateTimer(
                _ =>
                {
                    End();
                    callback(state);
                },
                null, dueTime, Timeout.InfiniteTimeSpan);
            // Who counts as asleep is woken by whatever the clock does next.
            Interlocked.Increment(ref counter.sleeping);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            End();
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void End()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0)
                Interlocked.Decrement(ref counter.sleeping);
        }
    }
}
