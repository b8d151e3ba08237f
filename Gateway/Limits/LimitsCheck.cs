using Microsoft.Extensions.Options;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>What the limiter cannot know of policies: what they may count by, and which of them the gateway itself needs.</summary>
internal sealed class LimitsCheck : IValidateOptions<RateLimitOptions>
{
    private const string Policies = $"{LimitsRegistration.Section}:Policies";

    public ValidateOptionsResult Validate(string? name, RateLimitOptions options)
    {
        var faults = options.Policies.SelectMany(policy => Faults($"{Policies}:{policy.Key}", policy.Value)).ToList();
        if (!options.Policies.ContainsKey(LimitEndpoints.Policy))
            faults.Add($"{Policies}:{LimitEndpoints.Policy} is missing: requests to {LimitEndpoints.Path} are charged to it");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(string path, PolicyOptions policy)
    {
        // The limiter itself says that an empty one is faulty.
        if (!string.IsNullOrWhiteSpace(policy.Partition) && !Partition.TryParse(policy.Partition, out _, out var fault))
            yield return $"{path}:Partition {fault}";
    }
}
