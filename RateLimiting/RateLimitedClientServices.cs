using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.RateLimiting;
using Sluice.RateLimiting.Outbound;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers HTTP clients that keep to the limits of the servers that they call. They need logging and metrics, which every host has, and Redis.</summary>
public static class RateLimitedClientServices
{
    /// <summary>A rate-limited client of this name.</summary>
    /// <inheritdoc cref="AddRateLimitedClient(IHttpClientBuilder, Action{RateLimitedClientOptions})"/>
    public static IHttpClientBuilder AddRateLimitedClient(this IServiceCollection services, string name, Action<RateLimitedClientOptions> configure) =>
        services.AddHttpClient(name).AddRateLimitedClient(configure);

    /// <summary>A rate-limited client of this name, with the section's options.</summary>
    /// <inheritdoc cref="AddRateLimitedClient(IHttpClientBuilder, Action{RateLimitedClientOptions})"/>
    public static IHttpClientBuilder AddRateLimitedClient(this IServiceCollection services, string name, IConfigurationSection section) =>
        services.AddHttpClient(name).AddRateLimitedClient(section);

    /// <summary>The client's requests keep to limits, with the section's options.</summary>
    /// <inheritdoc cref="AddRateLimitedClient(IHttpClientBuilder, Action{RateLimitedClientOptions})"/>
    public static IHttpClientBuilder AddRateLimitedClient(this IHttpClientBuilder builder, IConfigurationSection section)
    {
        // Left to itself the binder leaves a limit out, without a word, when one of its values can't be converted.
        builder.Services.AddOptions<RateLimitedClientOptions>(builder.Name).Bind(section, binder => binder.ErrorOnUnknownConfiguration = true);
        return AddRateLimitedClient(builder, section.Path);
    }

    /// <summary>
    /// The client's requests keep to limits: each attempt is charged to the quotas, then to the permit ledger, then passes the circuit breaker;
    /// retries are around all of it. Needs an <see cref="StackExchange.Redis.IConnectionMultiplexer"/>; an <see cref="ILedgerJournal"/> and an
    /// <see cref="IOutboundObserver"/> are used where they are registered.
    /// </summary>
    /// <remarks>
    /// Handlers that are added before this one are outside of it: one that retries pays for each of its attempts, and its timeouts include the waits.
    /// Redirects are not followed, as they would be requests without a permit; <see cref="HttpClient.Timeout"/> is infinite, as it would include
    /// the waits: <see cref="RateLimitedClientOptions.MaxWait"/> and <see cref="RateLimitedClientOptions.Lease"/> are the bounds.
    /// </remarks>
    /// <returns>The client's builder.</returns>
    public static IHttpClientBuilder AddRateLimitedClient(this IHttpClientBuilder builder, Action<RateLimitedClientOptions> configure)
    {
        builder.Services.AddOptions<RateLimitedClientOptions>(builder.Name).Configure(configure);
        return AddRateLimitedClient(builder, $"{nameof(RateLimitedClientOptions)}:{builder.Name}");
    }

    private static IHttpClientBuilder AddRateLimitedClient(IHttpClientBuilder builder, string path)
    {
        var name = builder.Name;
        var services = builder.Services;
        services.AddOptions<RateLimitedClientOptions>(name).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RateLimitedClientOptions>>(new RateLimitedClientOptionsValidator(name, path));
        services.AddPermitLedger();
        services.AddKeyedSingleton(name, static (provider, key) => new OutboundClient(
            (string)key!, provider.GetRequiredService<IOptionsMonitor<RateLimitedClientOptions>>().Get((string)key!), provider.GetRequiredService<PermitLedger>(),
            provider.GetRequiredService<ILedgerJournal>(), provider.GetRequiredService<IOutboundObserver>(), provider.GetRequiredService<LedgerMetrics>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<OutboundClient>>()));
        // After all that sets the handler, wherever it stands.
        services.PostConfigure<HttpClientFactoryOptions>(name, static options => options.HttpMessageHandlerBuilderActions.Add(static built => StayPut(built.PrimaryHandler)));
        return builder
            .ConfigureHttpClient(static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .AddHttpMessageHandler(provider => new RetryHandler(provider.GetRequiredKeyedService<OutboundClient>(name)))
            .AddHttpMessageHandler(provider => new AttemptHandler(provider.GetRequiredKeyedService<OutboundClient>(name)));
    }

    private static void StayPut(HttpMessageHandler handler)
    {
        if (handler is SocketsHttpHandler sockets)
            sockets.AllowAutoRedirect = false;
        else if (handler is HttpClientHandler client)
            client.AllowAutoRedirect = false;
    }
}
