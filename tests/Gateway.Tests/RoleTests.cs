using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

public sealed class RoleTests : GatewayTests
{
    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, "X-API-Key is missing")]
    [InlineData("made-up", HttpStatusCode.Unauthorized, "not registered")]
    [InlineData("test-client", HttpStatusCode.Forbidden, "'test-client' lacks the role 'operator'")]
    public async Task Without_the_role_nothing_is_changed_and_the_answer_says_what_is_missing(string? key, HttpStatusCode expected, string detail)
    {
        await using var gateway = await StartAsync();

        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Post, "/imports"), (HttpMethod.Post, "/imports/1/cancel"), (HttpMethod.Delete, "/imports/1")])
            await RefusedAsync(method, path);
        Assert.Empty(Upstream.Requests);

        async Task RefusedAsync(HttpMethod method, string path)
        {
            using var answer = await gateway.SendAsync(method, path, key, body: JsonContent.Create(new { source = "items" }));
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
            Assert.Equal(expected, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            Assert.Contains(detail, problem.RootElement.GetProperty("detail").GetString());
            Assert.Equal(expected == HttpStatusCode.Unauthorized, answer.Headers.WwwAuthenticate.Count > 0);
        }
    }

    [Fact]
    public async Task An_operator_may_change_and_anybody_may_read()
    {
        await using var gateway = await StartAsync();

        using var change = await gateway.SendAsync(HttpMethod.Post, "/imports", "operator", body: JsonContent.Create(new { source = "items" }));
        using var read = await gateway.GetAsync("/imports/1?x=y");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (change.StatusCode, read.StatusCode));
        Assert.Equal(["POST /imports", "GET /imports/1?x=y"], Upstream.Requests.Select(request => $"{request.Method} {request.Target}"));
    }

    [Fact]
    public async Task In_production_no_key_works_until_one_is_configured()
    {
        await using var bare = await StartGatewayAsync([], "Production");
        await using var configured = await StartGatewayAsync(
            [("Clients:ops:KeySha256", GatewayUnderTest.Sha256Of("a secret")), ("Clients:ops:Roles:0", "operator")], "Production");

        foreach (var key in (string[])["operator", "test-client", "importer"])
        {
            using var refused = await bare.SendAsync(HttpMethod.Post, "/imports", key);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var passed = await configured.SendAsync(HttpMethod.Post, "/imports", "a secret");
        Assert.Equal(HttpStatusCode.OK, passed.StatusCode);
    }

}
