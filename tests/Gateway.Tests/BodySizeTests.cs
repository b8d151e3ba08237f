using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Bodies that are larger than a route takes.</summary>
public sealed class BodySizeTests : GatewayTests
{
    private const int MaxUpload = 1 << 20;

    private protected override RequestDelegate Answer => static async context => await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);

    [Theory]
    [InlineData("/imports", 65_536, 65_537, true)]
    [InlineData("/imports", 65_536, 100_000, false)]
    [InlineData("/api/upload", MaxUpload, MaxUpload + 1, true)]
    [InlineData("/api/upload", MaxUpload, MaxUpload + 1, false)]
    [InlineData("/api/upload", MaxUpload, 30 * MaxUpload, true)]
    [InlineData("/api/upload", MaxUpload, 30 * MaxUpload, false)]
    [InlineData("/other", 1 << 20, (1 << 20) + 1, true)]
    [InlineData("/other", 1 << 20, (1 << 20) + 1, false)]
    public async Task A_body_beyond_what_the_route_takes_is_413_and_names_the_limit(string path, int limit, int size, bool sized)
    {
        await using var gateway = await StartAsync();

        using var answer = await PostAsync(gateway, path, size, sized);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"The body is larger than the {limit} bytes that are accepted.", problem.RootElement.GetProperty("detail").GetString());
        Assert.Equal(limit, problem.RootElement.GetProperty("maxBytes").GetInt64());
        if (sized)
            Assert.Empty(Upstream.Requests);
    }

    [Theory]
    [InlineData("/imports", 65_536, true)]
    [InlineData("/api/upload", MaxUpload, true)]
    [InlineData("/api/upload", MaxUpload, false)]
    public async Task A_body_of_just_the_size_that_the_route_takes_passes(string path, int size, bool sized)
    {
        await using var gateway = await StartAsync();

        using var answer = await PostAsync(gateway, path, size, sized);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_route_may_take_bodies_of_any_size()
    {
        await using var gateway = await StartAsync(("ReverseProxy:Routes:upload:MaxRequestBodySize", "-1"));

        using var answer = await PostAsync(gateway, "/api/upload", 2 * MaxUpload, sized: true);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(GatewayUnderTest gateway, string path, int size, bool sized)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[size]) };
        request.Headers.Add("X-API-Key", "operator");
        request.Headers.TransferEncodingChunked = !sized;
        return await gateway.Client.SendAsync(request, Stop).Within();
    }

    private protected override Task<GatewayUnderTest> StartAsync(params IEnumerable<(string, string)> settings) => StartGatewayAsync(
        [
            ("ReverseProxy:Routes:other:ClusterId", "itemapi"),
            ("ReverseProxy:Routes:other:Match:Path", "/other"),
            .. settings,
        ]);
}
