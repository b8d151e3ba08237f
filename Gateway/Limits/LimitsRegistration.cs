using Microsoft.Extensions.Options;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

public static class LimitsRegistration
{
    public const string Section = "RateLimiting";

    public static void AddLimits(this IHostApplicationBuilder builder)
    {
        builder.AddOptionsFrom<RateLimitOptions>(Section);
        builder.Services.AddRateLimiting(Section);
        builder.Services.AddSingleton<IValidateOptions<RateLimitOptions>, LimitsCheck>();
        builder.Services.AddSingleton<LimitedPolicies>();
        builder.Services.AddSingleton<DecisionMetrics>();
        builder.Services.AddHostedService<LimitsStart>();
        builder.Services.AddHealthChecks().AddCheck<LimiterHealth>(LimiterHealth.Name);
    }

    /// <summary>Charges requests to the policies of their endpoints. Goes after routing and after the caller is known.</summary>
    public static void UseLimits(this WebApplication app) => app.UseMiddleware<RateLimitMiddleware>();
}
