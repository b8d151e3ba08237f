using Microsoft.Extensions.Options;

namespace Sluice.RateLimiting;

/// <summary>Names every fault of the options by its configuration path.</summary>
internal sealed class RateLimitOptionsValidator(string path) : IValidateOptions<RateLimitOptions>
{
    private const int MaxTiers = 8;
    private const int MaxInstances = 10_000;
    private const int MaxQueue = 1_000_000;

    private static readonly TimeSpan LongestMaxWait = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestFill = TimeSpan.FromDays(36_600);
    private static readonly TimeSpan MinStoreTimeout = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxStoreTimeout = TimeSpan.FromSeconds(30);

    public ValidateOptionsResult Validate(string? name, RateLimitOptions options)
    {
        List<string> faults = [.. options.Policies.SelectMany(policy => PolicyFaults($"{path}:Policies:{policy.Key}", policy.Key, policy.Value))];
        if (options.StoreTimeout < MinStoreTimeout || options.StoreTimeout > MaxStoreTimeout)
            faults.Add($"{path}:StoreTimeout must be {MinStoreTimeout:c} to {MaxStoreTimeout:c}, not {options.StoreTimeout:c}");
        if (options.Instances is < 1 or > MaxInstances)
            faults.Add($"{path}:Instances must be 1 to {MaxInstances}, not {options.Instances}");
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
        if (policy.QueueLimit is < 0 or > MaxQueue)
            yield return $"{path}:QueueLimit must be 0 to {MaxQueue}, not {policy.QueueLimit}";
        if (policy.MaxWait < TimeSpan.Zero || policy.MaxWait > LongestMaxWait)
            yield return $"{path}:MaxWait must be {TimeSpan.Zero:c} to {LongestMaxWait:c}, not {policy.MaxWait:c}";
        if (policy.Cost < 1)
            yield return $"{path}:Cost must be at least 1, not {policy.Cost}";

        foreach (var fault in TiersFaults(path, policy.Tiers, policy.Cost))
            yield return fault;

        foreach (var (who, other) in policy.Overrides)
        {
            if (other.Unlimited && other.Tiers.Count > 0)
                yield return $"{path}:Overrides:{who}:Unlimited must not be true where there are tiers";
            else if (!other.Unlimited)
                foreach (var fault in TiersFaults($"{path}:Overrides:{who}", other.Tiers, policy.Cost))
                    yield return fault;
        }
    }

    private static IEnumerable<string> TiersFaults(string path, IList<TierOptions> tiers, int cost)
    {
        if (tiers.Count is 0 or > MaxTiers)
            yield return $"{path}:Tiers must hold 1 to {MaxTiers} tiers, not {tiers.Count}";
        var smallest = tiers.Select(tier => tier.Capacity).DefaultIfEmpty(int.MaxValue).Min();
        if (smallest > 0 && cost > smallest)
            yield return $"{path}:Cost must be at most {smallest}, what the smallest tier holds, not {cost}: no call could ever pass";

        for (var index = 0; index < tiers.Count; index++)
            foreach (var fault in TierFaults($"{path}:Tiers:{index}", tiers[index]))
                yield return fault;

        foreach (var twice in tiers.GroupBy(TierName.Of, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1))
            yield return $"{path}:Tiers: the name '{twice.Key}' is used {twice.Count()} times";
    }

    private static IEnumerable<string> TierFaults(string path, TierOptions tier)
    {
        if (tier.Name is not null && !TierName.IsValid(tier.Name))
            yield return $"{path}:Name must be 1 to {TierName.MaxLength} letters, digits, '-', '_' or '.', not '{tier.Name}'";
        if (!Enum.IsDefined(tier.Algorithm))
            yield return $"{path}:Algorithm must be one of {string.Join(", ", Enum.GetNames<RateLimitAlgorithm>())}, not {tier.Algorithm}";
        if (tier.Burst is { } burst && !RateLimitTier.CanBurst(tier.Algorithm))
            yield return $"{path}:Burst must be left out: {tier.Algorithm} has none, not {burst}";
        else if (tier.Burst is < 1 or > WindowLimits.MaxPermits)
            yield return $"{path}:Burst must be 1 to {WindowLimits.MaxPermits}, not {tier.Burst}";
        foreach (var fault in WindowLimits.Faults(path, tier.Permits, tier.Window))
            yield return fault;
        if (tier.Burst > 0 && tier.Permits > 0 && tier.Burst.Value / (double)tier.Permits * tier.Window.TotalDays > LongestFill.TotalDays)
            yield return $"{path}:Burst must come back within {LongestFill.TotalDays:N0} days; {tier.Burst} at {tier.Permits} per {tier.Window:c} takes longer";
    }
}
