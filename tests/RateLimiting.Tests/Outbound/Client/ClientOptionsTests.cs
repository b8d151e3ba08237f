using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

public sealed class ClientOptionsTests
{
    [Fact]
    public void All_faults_are_named_by_path()
    {
        Assert.Equal(
            [
                "Clients:shop:Breaker:BreakDuration must be 00:00:00.5000000 to 1.00:00:00, not 00:00:00",
                "Clients:shop:Breaker:FailureRatio must be above 0 and at most 1, not 2",
                "Clients:shop:Lease must be 00:00:00.0100000 to 01:00:00, not 02:00:00",
                "Clients:shop:Limits:0:Permits must be 1 to 1,000,000, not 0",
                "Clients:shop:Limits:0:Window must be 00:00:00.0010000 to 366.00:00:00, not 00:00:00",
                "Clients:shop:MaxWait must be 0 or more, not -00:00:01",
                "Clients:shop:Partition must be empty, Host, or Header:NAME, not 'Cookie'",
                "Clients:shop:Quotas:0:Permits must be at least 1, not 0",
                "Clients:shop:Quotas:0:TimeZone must be the name of a time zone, such as UTC or Europe/Berlin, not 'Mars'",
                "Clients:shop:Retry:Attempts must be 1 to 100, not 0",
                "Clients:shop:Retry:MaxDelay must be 00:00:05 to 1.00:00:00, not 00:00:01",
            ],
            Faults(
                ("Limits:0:Permits", "0"), ("Lease", "02:00:00"), ("MaxWait", "-00:00:01"), ("Partition", "Cookie"), ("Quotas:0:TimeZone", "Mars"),
                ("Retry:Attempts", "0"), ("Retry:BaseDelay", "00:00:05"), ("Retry:MaxDelay", "00:00:01"), ("Breaker:FailureRatio", "2"), ("Breaker:BreakDuration", "0")));
    }

    [Theory]
    [InlineData("Windows", "Clients:shop:Limits must be 1 to 8 for the pacing Windows, not 0")]
    [InlineData("LeakyBucket", null)]
    [InlineData("Adaptive", null)]
    public void How_many_limits_there_are_depends_on_the_pacing(string pacing, string? fault) =>
        Assert.Equal(fault is null ? [] : [fault], Faults(("Pacing", pacing)));

    [Fact]
    public void A_setting_that_there_is_not_is_no_setting() =>
        Assert.Throws<InvalidOperationException>(() => Options(("Limit:0:Permits", "5")));

    private static IEnumerable<string> Faults(params (string Key, string Value)[] settings)
    {
        try
        {
            Options(settings);
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures.Order(StringComparer.Ordinal);
        }
    }

    private static RateLimitedClientOptions Options(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Clients:shop:{setting.Key}", (string?)setting.Value)))
            .Build();
        var services = new ServiceCollection();
        services.AddRateLimitedClient("shop", configuration.GetSection("Clients:shop"));
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptionsMonitor<RateLimitedClientOptions>>().Get("shop");
    }
}
