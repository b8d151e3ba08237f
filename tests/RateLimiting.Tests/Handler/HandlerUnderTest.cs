using Sluice.RateLimiting.Tests.Ledger;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Handler;

/// <summary>A client whose requests go through the ledger, and then to a server that is a function or a real one.</summary>
internal sealed class HandlerUnderTest : IAsyncDisposable
{
    private readonly HttpMessageInvoker client;

    private HandlerUnderTest(LedgerProcess process, LedgerAccount account, HttpMessageHandler server)
    {
        (Process, Account) = (process, account);
        client = new HttpMessageInvoker(new PermitLedgerHandler(process.Ledger, account, process.Observer, TimeProvider.System) { InnerHandler = server });
    }

    public LedgerProcess Process { get; }

    public LedgerAccount Account { get; }

    public static async Task<HandlerUnderTest> StartAsync(RedisServer redis, LedgerAccount account, HttpMessageHandler server) =>
        new(await LedgerProcess.StartAsync(redis), account, server);

    public static Task<HandlerUnderTest> StartAsync(
        RedisServer redis, LedgerAccount account, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> server) =>
        StartAsync(redis, account, new FunctionHandler(server));

    public async Task<HttpResponseMessage> GetAsync(string address = "http://server/", string? tag = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (tag is not null)
            request.Options.Set(PermitLedgerHandler.Tag, tag);
        return await client.SendAsync(request, cancellationToken);
    }

    public Task<long> InFlightAsync() => Process.Redis.GetDatabase().SortedSetLengthAsync($"pl:{{{Account.Name}}}:flight");

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await Process.DisposeAsync();
    }

    private sealed class FunctionHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> server) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            server(request, cancellationToken);
    }
}
