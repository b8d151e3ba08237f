using System.Diagnostics;
using Sluice.Gateway.Clients;
using Sluice.ServiceDefaults.Startup;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

public sealed class StartTests
{
    private static readonly (string Key, string Value)[] manyFaults =
    [
        ("RateLimiting:Policies:items:Tiers:0:Permits", "0"),
        ("RateLimiting:Policies:items:Tiers:1:Window", "-00:00:01"),
        ("RateLimiting:Policies:other:Partition", "Moon"),
        ("RateLimiting:Policies:other:Tiers:0:Permits", "1"),
        ("RateLimiting:Policies:other:Tiers:0:Window", "00:00:01"),
        ("ReverseProxy:Routes:items:Metadata:RateLimitPolicy", "itmes"),
        ("ReverseProxy:Routes:imports-read:ClusterId", "conductor"),
        ("ReverseProxy:Routes:imports-change:AuthorizationPolicy", "emperor"),
        ("Clients:a:KeySha256", "abc"),
        ("Clients:b:KeySha256", GatewayUnderTest.Sha256Of("test-client")),
        ("Clients:c d:KeySha256", GatewayUnderTest.Sha256Of("another")),
        ("Clients:operator:Roles:0", "oprator"),
        ("ForwardedHeaders:Proxies:0", "10.0.0.0/99"),
        ("Traffic:Clients", "0"),
        ("Traffic:KeepMinutes", "00:59:59"),
    ];

    [Fact]
    public async Task Every_fault_of_the_configuration_is_listed_by_its_path()
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(() => GatewayUnderTest.StartAsync("127.0.0.1:9", manyFaults));

        Assert.All(
            (string[])
            [
                "RateLimiting:Policies:items:Tiers:0:Permits",
                "RateLimiting:Policies:items:Tiers:1:Window",
                "RateLimiting:Policies:other:Partition",
                "ReverseProxy:Routes:items:Metadata:RateLimitPolicy",
                "ReverseProxy:Routes:imports-read:ClusterId",
                "ReverseProxy:Routes:imports-change",
                "Clients:a:KeySha256",
                "Clients:test-client:KeySha256",
                "Clients:c d",
                "Clients:operator:Roles:0",
                "ForwardedHeaders:Proxies:0",
                "Traffic:Clients must be 1 to 10000, is 0",
                "Traffic:KeepMinutes must be 01:00:00 to 3660.00:00:00, is 00:59:59",
            ],
            path => Assert.Single(refusal.Faults, fault => fault.StartsWith(path, StringComparison.Ordinal)));
        Assert.Equal(13, refusal.Faults.Count);
    }

    [Theory]
    [InlineData("RateLimiting:Policies:items:Tiers:0:Window", "-1")]
    [InlineData("RateLimiting:Policies:items:Tiers:0:Permits", "many")]
    [InlineData("RateLimiting:Policies:items:OnStoreFailure", "Panic")]
    [InlineData("ReverseProxy:Routes:items:Order", "first")]
    [InlineData("ReverseProxy:Clusters:itemapi:HealthCheck:Passive:Policy", "Hope")]
    public async Task A_value_that_cannot_be_read_is_a_fault_with_its_path(string key, string value)
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(() => GatewayUnderTest.StartAsync("127.0.0.1:9", [(key, value)]));

        Assert.Contains(refusal.Faults, fault => fault.Contains(key.StartsWith("ReverseProxy", StringComparison.Ordinal) ? "ReverseProxy" : key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_process_ends_with_the_faults_in_words_and_nothing_else()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ClientRegistry).Assembly.Location, "--RateLimiting:Policies:items:Tiers:0:Permits=0", "--RateLimiting:Policies:items:Tiers:1:Window=-1"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken).Within();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).Within();

        Assert.Equal(1, process.ExitCode);
        Assert.Contains("RateLimiting:Policies:items:Tiers:0:Permits", error);
        Assert.Contains("RateLimiting:Policies:items:Tiers:1:Window", error);
        Assert.Contains("ConnectionStrings:redis", error);
        Assert.DoesNotContain("   at ", error);
        Assert.Empty(await output);
    }
}
