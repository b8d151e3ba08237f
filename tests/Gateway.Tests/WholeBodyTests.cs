using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Small bodies travel with their heads.</summary>
public sealed class WholeBodyTests : GatewayTests
{
    private const string Body = """{"sku":"a"}""";

    private readonly ConcurrentQueue<(string? Type, long? Length, string Text)> bodies = [];

    private protected override RequestDelegate Answer => async context =>
    {
        using var reader = new StreamReader(context.Request.Body);
        bodies.Enqueue((context.Request.ContentType, context.Request.ContentLength, await reader.ReadToEndAsync(context.RequestAborted)));
    };

    [Fact]
    public async Task A_service_hears_of_a_small_body_when_it_is_whole()
    {
        await using var gateway = await StartAsync();
        using var slow = new TcpClient();
        await slow.ConnectAsync(gateway.Client.BaseAddress!.Host, gateway.Client.BaseAddress.Port, Stop);
        var connection = slow.GetStream();
        await connection.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /buy HTTP/1.1\r\nHost: slow\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n"), Stop);

        // Its head has long been passed on by then, if it is passed on by itself.
        using (await gateway.SendAsync(HttpMethod.Post, "/buy", body: new StringContent("other")))
        using (await gateway.SendAsync(HttpMethod.Post, "/buy", body: new StringContent("another")))
            Assert.Equal(2, Upstream.Requests.Count);

        await connection.WriteAsync(Encoding.ASCII.GetBytes(Body), Stop);
        using var answer = new StreamReader(connection);
        Assert.Equal("HTTP/1.1 200 OK", await answer.ReadLineAsync(Stop).AsTask().Within());
        Assert.Equal(("application/json", Body.Length, Body), bodies.Last());
    }

    [Fact]
    public async Task A_caller_who_leaves_in_the_middle_of_a_small_body_is_never_heard_of()
    {
        await using var gateway = await StartAsync();
        using (var gone = new TcpClient())
        {
            await gone.ConnectAsync(gateway.Client.BaseAddress!.Host, gateway.Client.BaseAddress.Port, Stop);
            await gone.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /buy HTTP/1.1\r\nHost: gone\r\nContent-Length: {Body.Length}\r\n\r\n{{"), Stop);
        }

        using var next = await gateway.SendAsync(HttpMethod.Post, "/buy", body: new StringContent(Body));
        Assert.Equal((HttpStatusCode.OK, 1), (next.StatusCode, Upstream.Requests.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(4096)]
    public async Task A_body_arrives_as_it_was_sent_whether_small_or_not(int size)
    {
        await using var gateway = await StartAsync();
        var text = new string('x', size);

        using var answer = await gateway.SendAsync(HttpMethod.Post, "/buy", body: new StringContent(text, Encoding.UTF8, "text/plain"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(("text/plain; charset=utf-8", size, text), Assert.Single(bodies));
    }
}
