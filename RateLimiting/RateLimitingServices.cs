using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.RateLimiting;
using Sluice.RateLimiting.Outbound;
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
        // Left to itself the binder leaves a tier or a policy out, without a word, when one of its values can't be converted.
        services.AddOptions<RateLimitOptions>().Bind(section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        return services.AddRateLimiting(section.Path);
    }

    /// <summary>A <see cref="RedisRateLimiter"/> with policies that are defined in code, validated when the host starts.</summary>
    public static IServiceCollection AddRateLimiting(this IServiceCollection services, Action<RateLimitOptions> define)
    {
        services.AddOptions<RateLimitOptions>().Configure(define).ValidateOnStart();
        return services.AddRateLimiting(nameof(RateLimitOptions));
    }

    /// <summary>A <see cref="RedisRateLimiter"/> with the <see cref="RateLimitOptions"/> that the caller has set up.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="path">Where the options come from; faults are named below it.</param>
    public static IServiceCollection AddRateLimiting(this IServiceCollection services, string path)
    {
        services.AddSingleton<IValidateOptions<RateLimitOptions>>(new RateLimitOptionsValidator(path));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<LimiterMetrics>();
        services.AddSingleton(provider => new RateLimitPolicies(
            provider.GetRequiredService<IOptionsFactory<RateLimitOptions>>(), provider.GetServices<IOptionsChangeTokenSource<RateLimitOptions>>(),
            provider.GetRequiredService<ILogger<RateLimitPolicies>>()));
        services.AddSingleton(provider => new RateLimitStore(
            provider.GetRequiredService<IConnectionMultiplexer>(), new ScriptLibrary(), provider.GetRequiredService<RateLimitPolicies>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<LimiterMetrics>(), provider.GetRequiredService<ILogger<RateLimitStore>>()));
        services.AddSingleton(provider => new RedisRateLimiter(
            provider.GetRequiredService<RateLimitPolicies>(), provider.GetRequiredService<RateLimitStore>(),
            provider.GetRequiredService<LimiterMetrics>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PolicyRateLimiter>(provider => provider.GetRequiredService<RedisRateLimiter>());
        return services;
    }

    /// <summary>
    /// An <see cref="AccountRateLimiter"/>, and its policy: a leaky bucket of 60 per minute, unless a policy of that name is configured.
    /// Needs <c>AddRateLimiting</c>.
    /// </summary>
    public static IServiceCollection AddAccountRateLimiting(this IServiceCollection services)
    {
        services.PostConfigure<RateLimitOptions>(static options =>
        {
            if (!options.Policies.ContainsKey(AccountRateLimiter.DefaultPolicy))
                options.AddPolicy(AccountRateLimiter.DefaultPolicy, policy => policy.LeakyBucket(60, TimeSpan.FromMinutes(1)));
        });
        services.AddSingleton(provider => new AccountRateLimiter(provider.GetRequiredService<PolicyRateLimiter>()));
        return services;
    }

    /// <summary>
    /// A <see cref="PermitLedger"/>. Needs an <see cref="IConnectionMultiplexer"/>; an <see cref="ILedgerJournal"/> and an
    /// <see cref="IOutboundObserver"/> are used where they are registered.
    /// </summary>
    public static IServiceCollection AddPermitLedger(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LedgerMetrics>();
        services.TryAddSingleton(static provider => new LedgerReader(
            provider.GetRequiredService<IConnectionMultiplexer>(), new ScriptLibrary(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ILedgerJournal>(static provider => new ProcessJournal(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IOutboundObserver, NoObserver>();
        services.TryAddSingleton(static provider => new PermitLedger(
            provider.GetRequiredService<IConnectionMultiplexer>(), new ScriptLibrary(), provider.GetRequiredService<ILedgerJournal>(),
            provider.GetRequiredService<IOutboundObserver>(), provider.GetRequiredService<LedgerMetrics>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PermitLedger>>()));
        return services;
    }

    /// <summary>Where nobody wants to know.</summary>
    private sealed class NoObserver : IOutboundObserver
    {
        public void Waited(OutboundWait wait)
        {
        }

        public void Refused(OutboundRefusal refusal)
        {
        }
    }
}
