using Sluice.ImportTests.World;
using Sluice.ServiceDefaults.Startup;

namespace Sluice.ImportTests.Options;

/// <summary>A worker that refuses to start says all that is wrong with its sources, by configuration path.</summary>
public sealed class SourceFaultsTests
{
    private static readonly Dictionary<string, string?> sound = new()
    {
        ["ConnectionStrings:imports"] = "Host=127.0.0.1;Port=9",
        ["ConnectionStrings:redis"] = "127.0.0.1:9",
        ["ConnectionStrings:rabbitmq"] = "amqp://127.0.0.1:9",
    };

    [Fact]
    public async Task All_rules_that_are_broken_are_listed()
    {
        var faults = await FaultsAsync(
            ("Sources:items:Limits:0:Permits", "0"),
            ("Sources:items:Limits:1:Window", "-1"),
            ("Sources:items:Authentication:Value", "line\nbreak"),
            ("Sources:shop:BaseAddress", "shop"),
            ("Sources:shop:List:Style", "Cursor"),
            ("Sources:shop:List:Path", "list"),
            ("Sources:shop:List:PageSize", "0"),
            ("Sources:shop:List:Id", ""),
            ("Sources:shop:Detail:Path", "items"),
            ("Sources:shop:Limits:0:Permits", "1000001"),
            ("Sources:shop:Limits:0:Window", "400.00:00:00"),
            ("Sources:shop:Lease", "00:00:00.001"),
            ("Sources:shop:PermitWait", "01:00:00"),
            ("Sources:shop:MaxRedirects", "-1"),
            ("Sources:shop:Concurrency", "0"),
            ("Sources:shop:RetryDelays:0", "00:00:01"),
            ("Sources:shop:RetryDelays:1", "00:00:00"),
            ("Sources:diary:Kind", "Days"),
            ("Sources:diary:BaseAddress", "http://diary"),
            ("Sources:diary:List:Path", "records?page={page}"),
            ("Sources:diary:List:DateFormat", "yyyy-MM"),
            ("Sources:diary:List:Id", ""),
            ("Sources:diary:Limits:0:Permits", "1"),
            ("Sources:diary:Limits:0:Window", "00:00:01"),
            ("Imports:Outstanding", "0"),
            ("Imports:SweepInterval", "-00:00:01"),
            ("DetailWorker:Concurrency", "5000"),
            ("DetailWorker:DayConcurrency", "0"));

        Assert.Equal(
            [
                "DetailWorker:Concurrency must be 1 to 1000, is 5000",
                "DetailWorker:DayConcurrency must be 1 to 1000, is 0",
                "Imports:Outstanding must be 1 to 100000, is 0",
                "Imports:SweepInterval must be above 0 and at most 1.00:00:00, is -00:00:01",
                "Sources:diary:List:DateFormat must be a format by which any two days are told apart, is 'yyyy-MM'",
                "Sources:diary:List:Path must contain {date}, is 'records?page={page}'",
                "Sources:items:Authentication:Value must be set to what the header carries: a key, or a scheme and token",
                "Sources:items:Limits:0:Permits must be 1 to 1000000, is 0",
                "Sources:items:Limits:1:Window must be 00:00:00.0010000 to 366.00:00:00, is -1.00:00:00",
                "Sources:shop:BaseAddress must be an absolute http or https address, is 'shop'",
                "Sources:shop:Concurrency must be 1 to 1000, is 0",
                "Sources:shop:Detail:Path must contain {id}, is 'items'",
                "Sources:shop:Lease must be 00:00:00.0100000 to 00:04:00, is 00:00:00.0010000",
                "Sources:shop:Limits:0:Permits must be 1 to 1000000, is 1000001",
                "Sources:shop:Limits:0:Window must be 00:00:00.0010000 to 366.00:00:00, is 400.00:00:00",
                "Sources:shop:List:Id must be the path of the id within an item",
                "Sources:shop:List:NextCursor must be set for the style Cursor",
                "Sources:shop:List:PageSize must be at least 1, is 0",
                "Sources:shop:List:Path must contain {cursor}, by which the style Cursor pages, is 'list'",
                "Sources:shop:MaxRedirects must be 0 to 50, is -1",
                "Sources:shop:PermitWait must be above 0 and at most 00:20:00, is 01:00:00",
                "Sources:shop:RetryDelays:1 must be above 0 and at most 7.00:00:00, is 00:00:00",
            ],
            faults);
    }

    [Fact]
    public async Task A_value_that_cannot_be_read_does_not_make_its_limit_or_source_disappear()
    {
        var faults = await FaultsAsync(
            ("Sources:items:Limits:1:Permits", "many"), ("Sources:items:Lease", "soon"), ("Sources:items:List:Style", "Scroll"),
            ("Sources:items:Limit:0:Permits", "5"));

        Assert.Collection(faults,
            fault => Assert.StartsWith("Failed to convert configuration value 'Scroll' at 'Sources:items:List:Style'", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("Failed to convert configuration value 'many' at 'Sources:items:Limits:1:Permits'", fault, StringComparison.Ordinal),
            fault => Assert.StartsWith("Failed to convert configuration value 'soon' at 'Sources:items:Lease'", fault, StringComparison.Ordinal),
            fault => Assert.Equal("Sources:items:Limit:0:Permits is no setting", fault));
    }

    [Fact]
    public async Task Sources_that_share_an_account_must_agree_on_its_limits()
    {
        var faults = await FaultsAsync(
            ("Sources:shop:BaseAddress", "http://shop"), ("Sources:shop:List:Path", "list?page={page}"), ("Sources:shop:Detail:Path", "{id}"),
            ("Sources:shop:Account", "items"), ("Sources:shop:Limits:0:Permits", "5"), ("Sources:shop:Limits:0:Window", "00:00:01"));

        Assert.Equal(["Sources:shop:Limits and Lease must be those of Sources:items: they share the account 'items'"], faults);
    }

    private static async Task<IEnumerable<string>> FaultsAsync(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(sound);
        foreach (var (key, value) in settings)
            all[key] = value;
        using var worker = ImportSystem.BuildWorker(all);
        var refused = await Assert.ThrowsAsync<StartupException>(() => worker.StartAsync(TestContext.Current.CancellationToken));
        return refused.Faults.Order(StringComparer.Ordinal);
    }
}
