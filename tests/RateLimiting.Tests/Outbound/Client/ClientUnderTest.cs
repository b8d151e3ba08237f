using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.RateLimiting.Outbound;
using Sluice.RateLimiting.Redis;
using Sluice.RateLimiting.Tests.Outbound.Ledger;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

/// <summary>A rate-limited client as a process has it, to a server that is a function or a real one.</summary>
internal sealed class ClientUnderTest : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private ClientUnderTest(ServiceProvider services, JournalInMemory journal, string account)
    {
        (this.services, Journal, AccountName) = (services, journal, account);
        Http = services.GetRequiredService<IHttpClientFactory>().CreateClient("client");
    }

    public HttpClient Http { get; }

    public string AccountName { get; }

    public JournalInMemory Journal { get; }

    public RecordingObserver Observer => (RecordingObserver)services.GetRequiredService<IOutboundObserver>();

    public IConnectionMultiplexer Redis => services.GetRequiredService<IConnectionMultiplexer>();

    public PermitLedger Ledger => services.GetRequiredService<PermitLedger>();

    /// <param name="redis">Where the ledger is.</param>
    /// <param name="configure">The options; the account is one that no other test uses, retries and breaker are off, unless this says otherwise.</param>
    /// <param name="server">Answers.</param>
    /// <param name="journal">Its own, where left out.</param>
    /// <param name="time">The real one, where left out.</param>
    /// <param name="storeTimeout">So long that it doesn't matter how fast this machine is, where left out.</param>
    public static async Task<ClientUnderTest> StartAsync(
        RedisServer redis, Action<RateLimitedClientOptions> configure, HttpMessageHandler? server = null, JournalInMemory? journal = null, TimeProvider? time = null,
        TimeSpan? storeTimeout = null)
    {
        RateLimitedClientOptions options = Define(configure);
        journal ??= new JournalInMemory(time);
        var services = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton<IConnectionMultiplexer>(await RedisConnection.ConnectAsync(redis))
            .AddSingleton(time ?? TimeProvider.System)
            .AddSingleton<ILedgerJournal>(journal)
            .AddSingleton<IOutboundObserver, RecordingObserver>()
            .AddSingleton(provider => new PermitLedger(
                provider.GetRequiredService<IConnectionMultiplexer>(), new ScriptLibrary(), journal, provider.GetRequiredService<IOutboundObserver>(),
                provider.GetRequiredService<LedgerMetrics>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PermitLedger>>(),
                storeTimeout ?? LedgerProcess.StoreTimeout));
        var client = services.AddRateLimitedClient("client", own =>
        {
            Preset(own);
            own.Account = options.Account;
            configure(own);
        });
        if (server is not null)
            client.ConfigurePrimaryHttpMessageHandler(() => server);
        return new ClientUnderTest(services.BuildServiceProvider(), journal, options.Account);
    }

    public static Task<ClientUnderTest> StartAsync(RedisServer redis, LedgerAccount account, HttpMessageHandler server) =>
        StartAsync(redis, options => Describe(options, account), server);

    public static Task<ClientUnderTest> StartAsync(
        RedisServer redis, LedgerAccount account, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> server) =>
        StartAsync(redis, account, new FunctionHandler(server));

    public static Task<ClientUnderTest> StartAsync(
        RedisServer redis, Action<RateLimitedClientOptions> configure, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> server,
        JournalInMemory? journal = null, TimeProvider? time = null, TimeSpan? storeTimeout = null) =>
        StartAsync(redis, configure, new FunctionHandler(server), journal, time, storeTimeout);

    public Task<HttpResponseMessage> GetAsync(string address = "http://server/", string? tag = null, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, address, tag, cancellationToken: cancellationToken);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string address = "http://server/", string? tag = null, Action<HttpRequestMessage>? change = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(method, address);
        if (tag is not null)
            request.Options.Set(OutboundRequest.Tag, tag);
        change?.Invoke(request);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public Task<Permit> AcquireAsync(LedgerAccount account) => Ledger.AcquireAsync(account, null, TestContext.Current.CancellationToken).AsTask();

    public async Task AcquireAsync(LedgerAccount account, int permits) =>
        await Task.WhenAll(Enumerable.Range(0, permits).Select(_ => AcquireAsync(account))).Within();

    public Task<long> InFlightAsync() => Redis.GetDatabase().SortedSetLengthAsync($"pl:{{{AccountName}}}:flight");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await services.DisposeAsync();
    }

    private static RateLimitedClientOptions Define(Action<RateLimitedClientOptions> configure)
    {
        RateLimitedClientOptions options = new();
        Preset(options);
        configure(options);
        if (options.Account.Length == 0)
            options.Account = $"test-{Guid.NewGuid():N}";
        return options;
    }

    private static void Preset(RateLimitedClientOptions options)
    {
        options.Retry.Attempts = 1;
        options.Breaker.Enabled = false;
    }

    private static void Describe(RateLimitedClientOptions options, LedgerAccount account)
    {
        options.Account = account.Name;
        options.Lease = account.Lease;
        foreach (var tier in account.Tiers)
            options.Limits.Add(new WindowOptions { Permits = tier.Permits, Window = tier.Window });
    }

    private sealed class FunctionHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> server) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            server(request, cancellationToken);
    }
}
