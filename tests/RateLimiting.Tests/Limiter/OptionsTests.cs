using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Sluice.RateLimiting.Tests.Limiter;

public sealed class OptionsTests
{
    [Fact]
    public void Policies_are_read_from_configuration()
    {
        var policies = Read(
            ("Policies:items:Cost", "2"), ("Policies:items:OnStoreFailure", "Deny"),
            ("Policies:items:Tiers:0:Permits", "500"), ("Policies:items:Tiers:0:Window", "00:00:20"),
            ("Policies:items:Tiers:1:Name", "sustained"), ("Policies:items:Tiers:1:Permits", "2000"), ("Policies:items:Tiers:1:Window", "00:01:40")).Policies;
        var policy = new RateLimitPolicy("items", policies["ITEMS"]);
        Assert.Equal((2, StoreFailure.Deny, 500, "Client"), (policy.Cost, policy.OnStoreFailure, policy.Capacity, policy.Partition));
        Assert.Equal(["500-per-20s", "sustained"], policy.Tiers.Select(tier => tier.Name));
        Assert.Equal([TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(100)], policy.Tiers.Select(tier => tier.Window));
    }

    [Fact]
    public void All_faults_are_listed_at_once_each_by_its_path()
    {
        var faults = Assert.Throws<OptionsValidationException>(() => Read(
            ("StoreTimeout", "00:01:00"),
            ("Policies:a:Cost", "0"), ("Policies:a:Partition", " "), ("Policies:a:OnStoreFailure", "7"),
            ("Policies:a:Tiers:0:Permits", "0"), ("Policies:a:Tiers:0:Window", "-1"),
            ("Policies:a:Tiers:1:Permits", "1000001"), ("Policies:a:Tiers:1:Window", "00:00:00.0001"), ("Policies:a:Tiers:1:Name", "no name"),
            ("Policies:b:Cost", "11"), ("Policies:b:Tiers:0:Permits", "10"), ("Policies:b:Tiers:0:Window", "00:00:01"),
            ("Policies:b:Tiers:1:Permits", "10"), ("Policies:b:Tiers:1:Window", "00:00:01"),
            ("Policies:c d:Tiers:0:Permits", "1"), ("Policies:c d:Tiers:0:Window", "00:00:01"),
            ("Policies:e:Cost", "1"),
            ("Policies:f:Tiers:0:Algorithm", "TokenBucket"), ("Policies:f:Tiers:0:Permits", "1"), ("Policies:f:Tiers:0:Window", "366"),
            ("Policies:f:Tiers:0:Burst", "101"))).Failures;
        string[] paths =
        [
            "StoreTimeout", "Policies:a:Cost", "Policies:a:Partition", "Policies:a:OnStoreFailure", "Policies:a:Tiers:0:Permits", "Policies:a:Tiers:0:Window",
            "Policies:a:Tiers:1:Permits", "Policies:a:Tiers:1:Window", "Policies:a:Tiers:1:Name", "Policies:b:Cost", "Policies:b:Tiers", "Policies:c d", "Policies:e:Tiers",
            "Policies:f:Tiers:0:Burst",
        ];
        Assert.Equal(paths.Select(path => $"RateLimiting:{path}").Order(), faults.Select(fault => fault.Split([" must", ": "], StringSplitOptions.None)[0]).Order());
    }

    private static RateLimitOptions Read(params IEnumerable<(string Key, string Value)> settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"RateLimiting:{setting.Key}", (string?)setting.Value))).Build();
        using var services = new ServiceCollection().AddRateLimiting(configuration.GetSection("RateLimiting")).BuildServiceProvider();
        return services.GetRequiredService<IOptions<RateLimitOptions>>().Value;
    }
}
