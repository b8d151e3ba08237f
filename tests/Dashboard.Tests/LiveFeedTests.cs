using System.Net;
using System.Threading.Channels;
using Sluice.Dashboard.Gateway;
using Sluice.Dashboard.Live;
using Sluice.Testing;

namespace Sluice.Dashboard.Tests;

public sealed class LiveFeedTests
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider time = new();
    private readonly Channel<bool> changes = Channel.CreateUnbounded<bool>();
    private int readings;

    [Fact]
    public async Task Many_who_watch_the_same_cost_one_reading_per_interval()
    {
        // Who comes after a reading sees its value at once, and isn't told.
        var allAreThere = new TaskCompletionSource();
        await using var feed = Feed(_ => "value", allAreThere.Task);
        LiveWatch<string>[] watches = [.. Enumerable.Range(0, 10).Select(_ => feed.Watch("key", () => changes.Writer.TryWrite(true)))];
        allAreThere.SetResult();
        await Told(10);

        await PassAsync();
        await Told(10);

        Assert.Equal(2, readings);
        Assert.All(watches, watch => Assert.Equal("value", watch.State.Value));
    }

    [Fact]
    public async Task A_reading_that_fails_keeps_the_last_value_and_says_why_until_one_succeeds()
    {
        var isAway = false;
        await using var feed = Feed(_ => isAway ? throw new GatewayException("It is away.", HttpStatusCode.BadGateway) : "value");
        var watch = feed.Watch("key", () => changes.Writer.TryWrite(true));
        await Told(1);
        var readAt = watch.State.At;

        isAway = true;
        await PassAsync();
        await Told(1);
        var (value, at, fault) = watch.State;
        isAway = false;
        await PassAsync();
        await Told(1);

        Assert.Equal(("value", readAt, "It is away."), (value, at, fault?.Message));
        Assert.Null(watch.State.Fault);
    }

    [Fact]
    public async Task Nobody_watching_ends_the_readings_after_a_while_and_a_newcomer_within_it_sees_the_value_at_once()
    {
        await using var feed = Feed(_ => "value");
        feed.Watch("key", () => changes.Writer.TryWrite(true)).Dispose();
        await PassAsync();

        using var newcomer = feed.Watch("key", () => changes.Writer.TryWrite(true));
        Assert.Equal("value", newcomer.State.Value);

        newcomer.Dispose();
        for (var second = 0; second < 5; second++)
            await PassAsync();
        await Deadline.UntilAsync(() => Task.FromResult(feed.Count == 0), "the end of the readings", cancellationToken: Stop);
        Assert.Equal(7, readings);
    }

    [Fact]
    public async Task Who_asks_gets_the_next_value_without_waiting_for_the_interval()
    {
        await using var feed = Feed(_ => $"value {readings}");
        var watch = feed.Watch("key", () => changes.Writer.TryWrite(true));
        await Told(1);

        await watch.NextAsync().Within();

        Assert.Equal("value 2", watch.State.Value);
    }

    /// <param name="read">Reads a value.</param>
    /// <param name="start">Before it nothing is read.</param>
    private LiveFeed<string, string> Feed(Func<string, string> read, Task? start = null) => new(
        async (key, _) =>
        {
            await (start ?? Task.CompletedTask);
            Interlocked.Increment(ref readings);
            return read(key);
        },
        interval, time);

    /// <summary>Waits for the pause between two readings, and ends it.</summary>
    private async Task PassAsync()
    {
        await Deadline.UntilAsync(() => Task.FromResult(time.PendingTimers > 0), "the pause between two readings", cancellationToken: Stop);
        time.Advance(interval);
    }

    private async Task Told(int times)
    {
        for (var number = 0; number < times; number++)
            await changes.Reader.ReadAsync(Stop).AsTask().Within();
    }
}
