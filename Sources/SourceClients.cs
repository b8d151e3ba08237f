using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sluice.RateLimiting;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;
using Sluice.Sources.Rehearsal;

namespace Sluice.Sources;

/// <summary>One HttpClient per source. Every request that it puts on the wire has been charged.</summary>
internal static class SourceClients
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static void AddSourceClients(this IServiceCollection services, IConfigurationSection sources)
    {
        foreach (var source in sources.GetChildren())
        {
            var name = source.Key;
            AddClient(services, name, provider => Find(provider, name));
        }

        AddClient(services, RehearsalSource.Name, static _ => RehearsalSource.Described);
    }

    private static void AddClient(IServiceCollection services, string name, Func<IServiceProvider, Source> find)
    {
        services.AddOptions<RateLimitedClientOptions>(SourceClient.ClientName(name))
            .Configure<IServiceProvider>((options, provider) => find(provider).Limit(options));
        services.AddHttpClient(SourceClient.ClientName(name), (provider, client) => Configure(client, find(provider)))
            .RemoveAllLoggers()

            // The default handlers go: they retry without a permit.
            .ConfigureAdditionalHttpMessageHandlers(static (handlers, _) => handlers.Clear())
            .AddServiceDiscovery()
            .UseSocketsHttpHandler(static (handler, _) =>
            {
                handler.PooledConnectionLifetime = ConnectionLifetime;
                handler.AutomaticDecompression = System.Net.DecompressionMethods.All;
            })
            .AddRateLimitedClient(static _ => { });
    }

    private static void Configure(HttpClient client, Source source)
    {
        // Many public APIs refuse a client without a name.
        client.DefaultRequestHeaders.UserAgent.Add(new("Sluice", "1.0"));
        if (source.Options.Authentication is { } authentication)
            client.DefaultRequestHeaders.TryAddWithoutValidation(authentication.Header, authentication.Value);
    }

    private static Source Find(IServiceProvider provider, string name) =>
        provider.GetRequiredService<SourceCatalog>().Find(name) ?? throw new InvalidOperationException($"There is no source '{name}'.");
}
