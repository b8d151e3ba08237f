using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.ServiceDiscovery;

namespace Sluice.ServiceDefaults.Tests.Clients;

public sealed class ConfiguredEndpointsTests
{
    [Fact]
    public void Replicas_take_turns()
    {
        using var endpoints = Endpoints(("services:gateway:http:0", "http://localhost:5001"), ("services:gateway:http:1", "localhost:5002"));
        Assert.Equal(
            ["http://localhost:5001/a?b=c", "http://localhost:5002/a?b=c", "http://localhost:5001/a?b=c"],
            Enumerable.Range(0, 3).Select(_ => endpoints.Resolve(new Uri("http://gateway/a?b=c")).ToString()));
    }

    [Theory]
    [InlineData("http://unknown:81/x", "http://unknown:81/x")]
    [InlineData("https+http://unknown/x", "https://unknown/x")]
    [InlineData("https+http://plain/x", "http://localhost:1/x")]
    [InlineData("https+http://both/x", "https://localhost:3/x")]
    [InlineData("http://both/x", "http://localhost:2/x")]
    [InlineData("https://plain/x", "https://plain/x")]
    public void Schemes_are_alternatives_and_unknown_hosts_pass_through(string uri, string resolved)
    {
        using var endpoints = Endpoints(
            ("services:plain:http:0", "http://localhost:1"),
            ("services:both:http:0", "http://localhost:2"), ("services:both:https:0", "https://localhost:3"));
        Assert.Equal(resolved, endpoints.Resolve(new Uri(uri)).ToString());
    }

    [Fact]
    public void A_reloaded_configuration_counts_at_once()
    {
        var configuration = new ConfigurationManager { ["services:gateway:http:0"] = "http://localhost:1" };
        using var endpoints = new ConfiguredEndpoints(configuration);
        Assert.Equal(1, endpoints.Resolve(new Uri("http://gateway")).Port);
        configuration["services:gateway:http:0"] = "http://localhost:2";
        ((IConfigurationRoot)configuration).Reload();
        Assert.Equal(2, endpoints.Resolve(new Uri("http://gateway")).Port);
    }

    private static ConfiguredEndpoints Endpoints(params (string Key, string Value)[] entries) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(entries.Select(entry => KeyValuePair.Create(entry.Key, (string?)entry.Value))).Build());
}
