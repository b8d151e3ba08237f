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
        builder.Services.AddSingleton<IValidateOptions<RateLimitOptions>, PartitionsCheck>();
    }

    /// <summary>Charges requests to the policies of their endpoints. Goes after routing and after the caller is known.</summary>
    public static void UseLimits(this WebApplication app) => app.UseMiddleware<RateLimitMiddleware>();

    /// <summary>The limiter leaves partitions to its caller; here there is one kind.</summary>
    private sealed class PartitionsCheck : IValidateOptions<RateLimitOptions>
    {
        private const string Known = "Client";

        public ValidateOptionsResult Validate(string? name, RateLimitOptions options)
        {
            var faults = options.Policies.Where(policy => policy.Value.Partition != Known)
                .Select(policy => $"{Section}:Policies:{policy.Key}:Partition must be {Known}, is '{policy.Value.Partition}'").ToList();
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
