using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class QuotaTests(Servers servers)
{
    private static readonly DateTimeOffset start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_import_pauses_when_its_quota_is_used_up_and_goes_on_by_itself_at_midnight()
    {
        await using var api = await FakeApi.StartAsync(items: 1200);
        var clock = new MovedClock(start);
        await using var system = await ImportSystem.StartAsync(servers, api, clock, 2, ("Sources:shop:Quotas:0:Permits", "500"), ("Sources:shop:Quotas:0:Period", "Day"));
        var id = await system.ImportAsync();

        // 1,200 items and 60 pages: 500, 500 and 260.
        var first = await system.UntilAsync(id, import => import.Status == ImportStatus.Paused, "the first day's quota is used up");
        Assert.Equal(("quota", new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero)), (first.PauseCause, first.ResumesAt));
        Assert.Contains("500 requests a day", first.PauseReason, StringComparison.Ordinal);
        var forecast = (await system.UntilAsync(id, import => import.RequestsCount == 500 && import.Forecast!.Reason == "quota of 500 per day",
            "all of the day's requests are on record, and the forecast knows of them")).Forecast!;
        Assert.Equal(
            (500, 760, "quota", new DateTime(2026, 3, 3)),
            (api.Requests, forecast.RemainingRequests, forecast.Constraint, forecast.EndsAt!.Value.UtcDateTime.Date));

        clock.PutForward(TimeSpan.FromHours(15));
        var second = await system.UntilAsync(id, import => import.RequestsCount == 1000 && import.Status == ImportStatus.Paused, "the second day's quota is used up");
        Assert.Equal((1000, new DateTimeOffset(2026, 3, 3, 0, 0, 0, TimeSpan.Zero)), (api.Requests, second.ResumesAt));

        clock.PutForward(TimeSpan.FromDays(1));
        await system.AssertCompleteAsync(id, 1200);
        Assert.Equal(1260, api.Requests);
        Assert.Equal(2, Assert.Single((await system.FindAsync(id)).Waits, wait => wait.Cause == "quota").Count);
    }
}
