using Microsoft.Extensions.Options;

namespace Sluice.RateLimiting;

/// <summary>Names every fault of the options by its configuration path.</summary>
internal sealed class RateLimitOptionsValidator(string path) : IValidateOptions<RateLimitOptions>
{
    private const int MaxTiers = 16;

    private static readonly TimeSpan MinStoreTimeout = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxStoreTimeout = TimeSpan.FromSeconds(30);

    public ValidateOptionsResult Validate(string? name, RateLimitOptions options)
    {
        List<string> faults = [.. options.Policies.SelectMany(policy => PolicyFaults($"{path}:Policies:{policy.Key}", policy.Key, policy.Value))];
        if (options.StoreTimeout < MinStoreTimeout || options.StoreTimeout > MaxStoreTimeout)
            faults.Add($"{path}:StoreTimeout must be {MinStoreTimeout:c} to {MaxStoreTimeout:c}, not {options.StoreTimeout:c}");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> PolicyFaults(string path, string name, PolicyOptions policy)
    {
        if (!TierName.IsValid(name))
            yield return $"{path}: a policy's name must be 1 to {TierName.MaxLength} letters, digits, '-', '_' or '.'";
        if (string.IsNullOrWhiteSpace(policy.Partition))
            yield return $"{path}:Partition must not be empty";
        if (!Enum.IsDefined(policy.OnStoreFailure))
            yield return $"{path}:OnStoreFailure must be one of {string.Join(", ", Enum.GetNames<StoreFailure>())}, not {policy.OnStoreFailure}";
        if (policy.Tiers.Count is 0 or > MaxTiers)
            yield return $"{path}:Tiers must hold 1 to {MaxTiers} tiers, not {policy.Tiers.Count}";

        var smallest = policy.Tiers.Select(tier => tier.Permits).DefaultIfEmpty(int.MaxValue).Min();
        if (policy.Cost < 1)
            yield return $"{path}:Cost must be at least 1, not {policy.Cost}";
        else if (smallest > 0 && policy.Cost > smallest)
            yield return $"{path}:Cost must be at most {smallest}, the permits of the smallest tier, not {policy.Cost}: no call could ever pass";

        for (var index = 0; index < policy.Tiers.Count; index++)
            foreach (var fault in TierFaults($"{path}:Tiers:{index}", policy.Tiers[index]))
                yield return fault;

        foreach (var twice in policy.Tiers.GroupBy(TierName.Of, StringComparer.OrdinalIgnoreCase).Where(tiers => tiers.Count() > 1))
            yield return $"{path}:Tiers: the name '{twice.Key}' is used {twice.Count()} times";
    }

    private static IEnumerable<string> TierFaults(string path, TierOptions tier)
    {
        if (tier.Name is not null && !TierName.IsValid(tier.Name))
            yield return $"{path}:Name must be 1 to {TierName.MaxLength} letters, digits, '-', '_' or '.', not '{tier.Name}'";
        if (!Enum.IsDefined(tier.Algorithm))
            yield return $"{path}:Algorithm must be one of {string.Join(", ", Enum.GetNames<RateLimitAlgorithm>())}, not {tier.Algorithm}";
        foreach (var fault in WindowLimits.Faults(path, tier.Permits, tier.Window))
            yield return fault;
    }
}
