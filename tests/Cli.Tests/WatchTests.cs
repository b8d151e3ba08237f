using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

public sealed class WatchTests
{
    [Fact]
    public async Task A_watch_outlives_its_connections_and_waits_as_long_as_the_gateway_asks()
    {
        StandIn? standIn = null;
        await using var gateway = standIn = await StandIn.StartAsync(async context =>
        {
            switch (standIn!.Arrivals.Count)
            {
                case 1:
                    await Story.BeginAsync(context);
                    await context.TellAsync("snapshot", 1, Story.Import(ImportStatus.Running, 100));
                    return;
                case 2:
                    context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                    context.Response.Headers.RetryAfter = "2";
                    return;
                default:
                    await Story.BeginAsync(context);
                    await context.TellAsync("end", 2, Story.Import(ImportStatus.Completed, 1200));
                    return;
            }
        });

        var outcome = await gateway.Shell().RunAsync($"import watch {Story.Id} --json").Within();

        Assert.Equal(ExitCode.Ok, outcome.Code);
        Assert.Equal([100, 1200], outcome.Lines.Select(line => JsonElement.Parse(line).GetProperty("importedCount").GetInt32()));
        Assert.Equal(["", "1", "1"], gateway.Arrivals.Select(arrival => arrival.LastEventId));
        Assert.Contains("Trying again in 2 s.", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_stops_watching_leaves_the_import_running_and_hears_how_to_come_back()
    {
        var told = new TaskCompletionSource();
        await using var gateway = await StandIn.StartAsync(async context =>
        {
            await Story.BeginAsync(context);
            await context.TellAsync("snapshot", 1, Story.Import(ImportStatus.Running, 100));
            told.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        using var interruption = new CancellationTokenSource();

        var watching = gateway.Shell(isTerminal: true).RunAsync($"import watch {Story.Id}", interruption.Token);
        await told.Task.Within();
        await interruption.CancelAsync();
        var outcome = await watching.Within();

        Assert.Equal(ExitCode.Interrupted, outcome.Code);
        Assert.Contains($"sluice import watch {Story.Id}", outcome.Error, StringComparison.Ordinal);
        Assert.Equal("GET", Assert.Single(gateway.Arrivals).Method);
    }

    [Fact]
    public async Task Without_a_terminal_each_change_is_one_plain_line()
    {
        await using var gateway = await TellAsync(
            Story.Import(ImportStatus.Running, 100), Story.Import(ImportStatus.Running, 100), Story.Import(ImportStatus.Running, 1100, failed: 1),
            Story.Import(ImportStatus.Completed, 1198, failed: 2));

        var outcome = await gateway.Shell().RunAsync($"import watch {Story.Id}").Within();

        Assert.Equal(ExitCode.EndedWithFailures, outcome.Code);
        Assert.Equal(
        [
            "running  100/1,200 items  0 failed  0 refusals  waits for limit: 50 per 2 s",
            "running  1,100/1,200 items  1 failed  0 refusals  waits for limit: 50 per 2 s",
            "completed  1,198/1,200 items  2 failed  0 refusals  took 0:12",
        ], outcome.Lines);
        Assert.Contains($"sluice import retry {Story.Id}", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Shell.Escape, outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_it_draws_over_its_own_lines()
    {
        await using var gateway = await TellAsync(Story.Import(ImportStatus.Running, 100), Story.Import(ImportStatus.Completed, 1200));

        var outcome = await gateway.Shell(isTerminal: true).RunAsync($"import watch {Story.Id}").Within();

        Assert.Equal(ExitCode.Ok, outcome.Code);
        Assert.Contains(Shell.Escape, outcome.Output, StringComparison.Ordinal);
        Assert.Contains("1,200 of 1,200 items  100 %", outcome.Output, StringComparison.Ordinal);
    }

    /// <summary>The last one is the end.</summary>
    private static Task<StandIn> TellAsync(params ImportSnapshot[] imports) => StandIn.StartAsync(async context =>
    {
        await Story.BeginAsync(context);
        foreach (var (number, import) in imports.Index())
            await context.TellAsync(number == imports.Length - 1 ? "end" : "progress", number, import);
    });
}
