using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Gateway.Clients;
using Sluice.RateLimiting;
using Sluice.Testing;
using Yarp.ReverseProxy;

namespace Sluice.Gateway.Tests;

/// <summary>A gateway on a real port.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    /// <summary>A port that nobody listens on.</summary>
    private const string Nowhere = "127.0.0.1:9";

    private readonly WebApplicationFactory<ClientRegistry> factory;

    private GatewayUnderTest(IEnumerable<(string Key, string Value)> settings, string environment, ILoggerProvider? logs, SettingsFolder? files, TimeProvider? time) =>
        factory = new WebApplicationFactory<ClientRegistry>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment(environment);
            if (files is not null)
                host.UseContentRoot(files.Path);
            host.ConfigureLogging(logging =>
            {
                logging.ClearProviders();
                if (logs is not null)
                    logging.AddProvider(logs);
            });
            if (time is not null)
                host.ConfigureTestServices(services => services.AddSingleton(time));
            foreach (var (key, value) in settings)
                host.UseSetting(key, value);
        });

    public HttpClient Client { get; private set; } = null!;

    public RedisRateLimiter Limiter => factory.Services.GetRequiredService<RedisRateLimiter>();

    /// <summary>How many replicas of a service the proxy asks.</summary>
    public int ReplicasInUse(string service) => factory.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster(service, out var cluster)
        ? cluster.DestinationsState.AvailableDestinations.Count
        : 0;

    /// <param name="settings">Over those of the files; stores that are not named are not there.</param>
    /// <param name="files">In place of the shipped ones.</param>
    public static async Task<GatewayUnderTest> StartAsync(
        string redis, IEnumerable<(string Key, string Value)> settings, string environment = "Development", ILoggerProvider? logs = null,
        SettingsFolder? files = null, TimeProvider? time = null)
    {
        var gateway = new GatewayUnderTest(
            [
                ("urls", "http://127.0.0.1:0"),

                // Who connects too late starts without Redis.
                ("ConnectionStrings:redis", redis + ",connectTimeout=30000"),
                ("ConnectionStrings:traffic", "Host=127.0.0.1;Port=9;Username=nobody"),
                ("Traffic:Enabled", "false"),
                ("ConnectionStrings:rabbitmq", $"amqp://{Nowhere}"),

                // On a busy machine a burst into a process that has just started may wait longer than the shipped one.
                ("RateLimiting:StoreTimeout", "00:00:10"),
                ("services:itemapi:http:0", $"http://{Nowhere}"),
                ("services:orchestrator:http:0", $"http://{Nowhere}"),
                .. settings,
            ],
            environment,
            logs,
            files,
            time);
        try
        {
            gateway.factory.UseKestrel();
            await Task.Run(gateway.factory.StartServer).Within();
            gateway.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
            {
                BaseAddress = gateway.factory.ClientOptions.BaseAddress,
            };
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? key = null, string? forwardedFor = null, HttpContent? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body };
        if (key is not null)
            request.Headers.Add("X-API-Key", key);
        if (forwardedFor is not null)
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? key = null, string? forwardedFor = null) =>
        SendAsync(HttpMethod.Get, path, key, forwardedFor);

    /// <summary>So many requests one after another, and how each ended.</summary>
    public async Task<List<HttpStatusCode>> StatusesAsync(int count, Func<int, Task<HttpResponseMessage>> send)
    {
        var statuses = new List<HttpStatusCode>();
        for (var number = 0; number < count; number++)
        {
            using var answer = await send(number);
            statuses.Add(answer.StatusCode);
        }

        return statuses;
    }

    public static string Sha256Of(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await factory.DisposeAsync();
    }
}
