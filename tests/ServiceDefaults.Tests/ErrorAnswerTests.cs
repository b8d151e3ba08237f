using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Sluice.ServiceDefaults.Tests;

public sealed class ErrorAnswerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task An_unhandled_exception_is_a_500_that_tells_nothing_of_the_inside(string environment)
    {
        await using var service = await StartAsync(environment);
        var (status, problem) = await ReadAsync(await service.Client.GetAsync("/broken", Cancellation));
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Exception", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("/broken", (string?)problem["instance"]);
    }

    [Fact]
    public async Task An_unknown_route_and_an_unsupported_method_are_problem_details()
    {
        await using var service = await StartAsync();
        Assert.Equal(404, await StatusAsync(await service.Client.GetAsync("/nowhere", Cancellation)));
        Assert.Equal(405, await StatusAsync(await service.Client.DeleteAsync("/things", Cancellation)));
        Assert.Equal(415, await StatusAsync(await PostAsync(service, "a=1", "application/x-www-form-urlencoded")));
    }

    [Theory]
    [InlineData("not json", null)]
    [InlineData("", null)]
    [InlineData("{\"name\":7,\"count\":1}", "name")]
    [InlineData("{\"name\":\"a\",\"count\":\"many\"}", "count")]
    public async Task An_unreadable_body_is_a_400_that_names_the_field(string body, string? field)
    {
        await using var service = await StartAsync();
        var (status, problem) = await ReadAsync(await PostAsync(service, body, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("JSON", field is null ? (string?)problem["detail"] : "JSON", StringComparison.Ordinal);
        Assert.Equal(field, problem["errors"]?.AsObject().Single().Key);
        Assert.DoesNotContain("System.", problem.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/pages?perPage=abc", "'abc' cannot be read.")]
    [InlineData("/pages", "The query string needs this value.")]
    public async Task An_unreadable_query_is_a_400_that_names_the_parameter(string path, string fault)
    {
        await using var service = await StartAsync();
        var (status, problem) = await ReadAsync(await service.Client.GetAsync(path, Cancellation));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(fault, (string?)problem["errors"]!["perPage"]![0]);
    }

    private static Task<TestService> StartAsync(string environment = "Production")
    {
        var builder = TestService.Builder();
        builder.Environment.EnvironmentName = environment;
        return TestService.StartAsync(builder, static app =>
        {
            app.MapGet("/broken", string () => throw new InvalidOperationException("secret"));
            app.MapPost("/things", (Thing thing) => thing);
            app.MapGet("/pages", (int perPage) => perPage);
        });
    }

    private static Task<HttpResponseMessage> PostAsync(TestService service, string body, string type) =>
        service.Client.PostAsync("/things", new StringContent(body, Encoding.UTF8, type), Cancellation);

    private static async Task<int> StatusAsync(HttpResponseMessage response)
    {
        var (status, problem) = await ReadAsync(response);
        Assert.Equal((int)status, (int?)problem["status"]);
        return (int)status;
    }

    private static async Task<(HttpStatusCode Status, JsonObject Problem)> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!);
    }

    private sealed record Thing(string Name, int Count);
}
