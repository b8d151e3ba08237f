using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

public sealed class CliTests(Cluster cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task An_import_goes_on_when_its_watcher_is_stopped_and_is_paused_resumed_and_cancelled_by_its_id()
    {
        // An item that fails keeps the import open until its attempts are used up, which takes minutes.
        using var faults = await cluster.Operator.PutAsJsonAsync("/faults", new { failingIds = (string[])["1"] }, Cancellation);
        faults.EnsureSuccessStatusCode();
        using var watching = Start("import items --fresh --watch");
        var id = (await watching.StandardOutput.ReadLineAsync(Cancellation).AsTask().Within())!["import ".Length..];
        Assert.StartsWith("running", await watching.StandardOutput.ReadLineAsync(Cancellation).AsTask().Within(), StringComparison.Ordinal);
        using (var stop = Process.Start("kill", ["-TERM", watching.Id.ToString(CultureInfo.InvariantCulture)]))
            await stop.WaitForExitAsync(Cancellation);
        var (code, _, said) = await EndAsync(watching);

        Assert.Equal(130, code);
        Assert.Contains($"sluice import watch {id}", said, StringComparison.Ordinal);
        Assert.Equal("running", await StatusAsync($"import show {id} --json"));
        Assert.Equal("paused", await StatusAsync($"import pause {id} --json"));
        Assert.Equal(7, (await RunAsync($"import pause {id}")).Code);
        Assert.Equal("running", await StatusAsync($"import resume {id} --json"));
        Assert.Equal("cancelled", await StatusAsync($"import cancel {id} --json"));
        var (watched, last, _) = await RunAsync("import watch");
        Assert.Equal(8, watched);
        Assert.StartsWith("cancelled", last, StringComparison.Ordinal);
        using var mended = await cluster.Operator.DeleteAsync("/faults", Cancellation);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_sale_is_opened_and_bought_from_and_a_bucket_is_reset()
    {
        var sale = JsonElement.Parse((await RunAsync("sale open boot --stock 2 --price 10 --json")).Output).GetProperty("id").GetString();
        Assert.Equal(0, (await RunAsync("buy boot --quantity 2 --watch --key backfiller")).Code);
        var (code, _, said) = await RunAsync("buy boot --watch --key backfiller");
        Assert.True(code is 7 or 8, $"{code}: {said}");
        Assert.StartsWith("sold out  0/2 left  1 confirmed", (await RunAsync($"sale watch {sale}")).Output.Split('\n')[^2], StringComparison.Ordinal);

        Assert.Equal(3, await RemainingAsync());
        Assert.Equal(4, (await RunAsync("limits reset buy backfiller --key backfiller")).Code);
        Assert.Equal(0, (await RunAsync("limits reset buy backfiller")).Code);
        Assert.Equal(5, await RemainingAsync());

        async Task<int> RemainingAsync() => JsonElement.Parse((await RunAsync("limits show buy backfiller --json")).Output)
            .GetProperty("tiers")[0].GetProperty("remaining").GetInt32();
    }

    private async Task<string?> StatusAsync(string line)
    {
        var (code, output, error) = await RunAsync(line);
        Assert.True(code == 0, $"{line}: {error}");
        return JsonElement.Parse(output).GetProperty("status").GetString();
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string line)
    {
        using var process = Start(line);
        return await EndAsync(process);
    }

    private static async Task<(int Code, string Output, string Error)> EndAsync(Process process)
    {
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation).Within();
        return (process.ExitCode, await output, await error);
    }

    private Process Start(string line)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "sluice"), line)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["SLUICE_GATEWAY"] = cluster.Operator.BaseAddress!.ToString(), ["SLUICE_KEY"] = "operator" },
        };
        return Process.Start(start)!;
    }
}
