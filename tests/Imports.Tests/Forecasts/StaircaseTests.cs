using Sluice.Contracts;
using Sluice.ImportOrchestrator.Throughput;
using Sluice.Sources.Options;

namespace Sluice.ImportTests.Forecasts;

public sealed class StaircaseTests
{
    private static readonly LimitOptions[] limits =
        [new() { Permits = 500, Window = TimeSpan.FromSeconds(20) }, new() { Permits = 2000, Window = TimeSpan.FromSeconds(100) }];

    [Fact]
    public void Each_window_adds_a_step_and_the_longest_one_adds_its_rest() =>
        Assert.Equal(
            [(0, 500), (20, 1000), (40, 1500), (60, 2000), (100, 2500), (120, 2600)],
            Of(2600, TimeSpan.FromHours(1), most: 100));

    [Fact]
    public void Steps_that_have_not_begun_are_left_out() =>
        Assert.Equal([(0, 500), (20, 1000), (40, 1500)], Of(2600, TimeSpan.FromSeconds(59), most: 100));

    [Fact]
    public void Of_many_steps_the_first_and_the_last_stay()
    {
        var all = Of(100_000, TimeSpan.FromDays(1), most: int.MaxValue);
        var some = Of(100_000, TimeSpan.FromDays(1), most: 10);

        Assert.Equal(10, some.Count);
        Assert.Equal((all[0], all[^1]), (some[0], some[^1]));
    }

    [Fact]
    public void Without_limits_there_are_none() => Assert.Empty(Staircase.Of(100, TimeSpan.FromSeconds(1), [], 10));

    private static List<(double Seconds, long Requests)> Of(long requests, TimeSpan span, int most) =>
        [.. Staircase.Of(requests, span, limits, most).Select((ThroughputPoint step) => (step.Seconds, step.Requests))];
}
