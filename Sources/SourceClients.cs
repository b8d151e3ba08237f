using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sluice.RateLimiting;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;

namespace Sluice.Sources;

/// <summary>One HttpClient per source. Every request that it puts on the wire has a permit.</summary>
internal static class SourceClients
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static void AddSourceClients(this IServiceCollection services, IConfigurationSection sources)
    {
        foreach (var source in sources.GetChildren())
        {
            var name = source.Key;
            services.AddHttpClient(SourceClient.ClientName(name), (provider, client) => Configure(client, Find(provider, name)))
                .RemoveAllLoggers()

                // The default handlers go: they retry without a permit.
                .ConfigureAdditionalHttpMessageHandlers(static (handlers, _) => handlers.Clear())
                .AddServiceDiscovery()
                .AddHttpMessageHandler(provider => new PermitLedgerHandler(
                    provider.GetRequiredService<PermitLedger>(), Find(provider, name).Account,
                    provider.GetRequiredService<IOutboundObserver>(), provider.GetRequiredService<TimeProvider>()))

                // A redirect would be a request that the ledger doesn't see.
                .UseSocketsHttpHandler(static (handler, _) =>
                {
                    handler.AllowAutoRedirect = false;
                    handler.PooledConnectionLifetime = ConnectionLifetime;
                    handler.AutomaticDecompression = System.Net.DecompressionMethods.All;
                });
        }
    }

    private static void Configure(HttpClient client, Source source)
    {
        // It would include the wait for a permit; SourceClient bounds each part by itself.
        client.Timeout = Timeout.InfiniteTimeSpan;
        if (source.Options.Authentication is { } authentication)
            client.DefaultRequestHeaders.TryAddWithoutValidation(authentication.Header, authentication.Value);
    }

    private static Source Find(IServiceProvider provider, string name) =>
        provider.GetRequiredService<SourceCatalog>().Find(name) ?? throw new InvalidOperationException($"There is no source '{name}'.");
}
