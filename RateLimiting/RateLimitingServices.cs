using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.RateLimiting;
using Sluice.RateLimiting.Ledger;
using Sluice.RateLimiting.Redis;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the limiter and the ledger. Both need logging and metrics, which every host has.</summary>
public static class RateLimitingServices
{
    /// <summary>
    /// A <see cref="RedisRateLimiter"/> with the section's policies, validated when the host starts. Needs an
    /// <see cref="IConnectionMultiplexer"/>.
    /// </summary>
    public static IServiceCollection AddRateLimiting(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<RateLimitOptions>().Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RateLimitOptions>>(new RateLimitOptionsValidator(section.Path));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<LimiterMetrics>();
        services.AddSingleton(provider => new RateLimitStore(
            provider.GetRequiredService<IConnectionMultiplexer>(), new ScriptLibrary(),
            provider.GetRequiredService<IOptions<RateLimitOptions>>().Value.StoreTimeout, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<LimiterMetrics>(), provider.GetRequiredService<ILogger<RateLimitStore>>()));
        services.AddSingleton(provider => new RedisRateLimiter(
            provider.GetRequiredService<IOptions<RateLimitOptions>>(), provider.GetRequiredService<RateLimitStore>()));
        return services;
    }

    /// <summary>
    /// A <see cref="PermitLedger"/>. Needs an <see cref="IConnectionMultiplexer"/>, an <see cref="ILedgerJournal"/> and an
    /// <see cref="ILedgerObserver"/>.
    /// </summary>
    public static IServiceCollection AddPermitLedger(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<LedgerMetrics>();
        services.AddSingleton(provider => new PermitLedger(
            provider.GetRequiredService<IConnectionMultiplexer>(), new ScriptLibrary(), provider.GetRequiredService<ILedgerJournal>(),
            provider.GetRequiredService<ILedgerObserver>(), provider.GetRequiredService<LedgerMetrics>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PermitLedger>>()));
        return services;
    }
}
