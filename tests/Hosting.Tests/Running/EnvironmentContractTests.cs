using System.Net.Http.Json;
using Aspire.Hosting.Testing;
using Npgsql;

namespace Sluice.Hosting.Tests.Running;

/// <summary>What a project finds in its environment: the contract that Aspire's client packages read.</summary>
public sealed class EnvironmentContractTests(SampleCluster sample) : IClassFixture<SampleCluster>
{
    [Fact]
    public async Task Servers_are_given_as_connection_strings_and_as_their_parts()
    {
        var environment = await EnvironmentOfAsync("echo");

        var redis = environment["ConnectionStrings__redis"];
        Assert.Equal($"{environment["REDIS_HOST"]}:{environment["REDIS_PORT"]},password={environment["REDIS_PASSWORD"]}", redis);
        Assert.Equal($"redis://:{environment["REDIS_PASSWORD"]}@{environment["REDIS_HOST"]}:{environment["REDIS_PORT"]}", environment["REDIS_URI"]);

        var shop = new NpgsqlConnectionStringBuilder(environment["ConnectionStrings__shop"]);
        Assert.Equal(("shop", "postgres", environment["SHOP_PASSWORD"]), (shop.Database, shop.Username, shop.Password));
        Assert.Equal("shop", environment["SHOP_DATABASENAME"]);
        Assert.Equal($"postgresql://postgres:{environment["SHOP_PASSWORD"]}@{environment["SHOP_HOST"]}:{environment["SHOP_PORT"]}/shop", environment["SHOP_URI"]);

        Assert.Equal($"amqp://guest:{environment["RABBITMQ_PASSWORD"]}@{environment["RABBITMQ_HOST"]}:{environment["RABBITMQ_PORT"]}", environment["ConnectionStrings__rabbitmq"]);
        Assert.Equal("guest", environment["RABBITMQ_USERNAME"]);
    }

    [Fact]
    public async Task The_database_is_there()
    {
        await using var connection = new NpgsqlConnection(await sample.App.GetConnectionStringAsync("shop", TestContext.Current.CancellationToken));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal("shop", connection.Database);
    }

    [Fact]
    public async Task Each_replica_has_its_own_port_and_is_listed_in_service_discovery()
    {
        var environment = await EnvironmentOfAsync("front");
        string[] addresses = [environment["services__echo__http__0"], environment["services__echo__http__1"]];

        Assert.Equal(addresses[0], environment["ECHO_HTTP"]);
        Assert.False(environment.ContainsKey("services__echo__http__2"));
        var ids = await Task.WhenAll(addresses.Select(ProcessOfAsync));
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(
            [ClusterUnderTest.PidOf(sample.Cluster.Now("echo-0")), ClusterUnderTest.PidOf(sample.Cluster.Now("echo-1"))],
            ids);
    }

    [Fact]
    public void A_test_gets_free_ports_also_where_the_apphost_names_one() =>
        Assert.NotEqual(SampleCluster.FrontPort, sample.App.GetEndpoint("front").Port);

    [Fact]
    public async Task Telemetry_is_told_who_speaks()
    {
        var environment = await EnvironmentOfAsync("echo");
        Assert.Equal("echo", environment["OTEL_SERVICE_NAME"]);
        Assert.Equal("service.instance.id=echo-0", environment["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal("always_on", environment["OTEL_TRACES_SAMPLER"]);
        Assert.False(environment.ContainsKey("OTEL_EXPORTER_OTLP_ENDPOINT"));
        Assert.Equal("Development", environment["ASPNETCORE_ENVIRONMENT"]);
    }

    [Fact]
    public void Addresses_for_people_carry_their_text()
    {
        var url = Assert.Single(sample.Cluster.Now("front").Urls);
        Assert.Equal(sample.App.GetEndpoint("front"), new Uri(url.Url));
        Assert.Equal($"curl {url.Url}/environment", url.DisplayProperties.DisplayName);
        Assert.False(url.IsInternal);
        Assert.True(sample.Cluster.Now("echo-0").Urls.Single().IsInternal);
    }

    [Fact]
    public async Task Unknown_resources_are_named()
    {
        Assert.Contains("'nothing'", Assert.Throws<ArgumentException>(() => sample.App.GetEndpoint("nothing")).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(async () => await sample.App.GetConnectionStringAsync("echo", TestContext.Current.CancellationToken));
    }

    private async Task<Dictionary<string, string>> EnvironmentOfAsync(string resource)
    {
        using var client = sample.App.CreateHttpClient(resource, "http");
        return (await client.GetFromJsonAsync<Dictionary<string, string>>("/environment", TestContext.Current.CancellationToken))!;
    }

    private static async Task<int> ProcessOfAsync(string address)
    {
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        return (await client.GetFromJsonAsync<ProcessAnswer>("/process", TestContext.Current.CancellationToken))!.Id;
    }

    private sealed record ProcessAnswer(int Id, string Folder);
}
