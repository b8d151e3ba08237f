using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.ServiceDefaults.Tests;

public sealed class ServiceDiscoveryTests
{
    [Theory]
    [InlineData("http://store")]
    [InlineData("https+http://store")]
    public async Task A_service_is_called_by_its_name_and_its_replicas_take_turns(string address)
    {
        await using var first = await StartAsync("first");
        await using var second = await StartAsync("second");
        var builder = TestService.Builder(("services:store:http:0", first.Url), ("services:store:http:1", second.Url));
        builder.Services.AddHttpClient("store", client => client.BaseAddress = new Uri(address));
        await using var caller = await TestService.StartAsync(builder);
        using var client = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient("store");

        List<string> answers = [];
        for (var call = 0; call < 4; call++)
            answers.Add(await client.GetStringAsync("/name", TestContext.Current.CancellationToken));

        Assert.Equal(["first", "first", "second", "second"], answers.Order(StringComparer.Ordinal));
    }

    private static Task<TestService> StartAsync(string name) => TestService.StartAsync(TestService.Builder(), app => app.MapGet("/name", () => name));
}
