namespace Sluice.Cli.Limits;

internal sealed record PolicyList(IReadOnlyList<PolicyShape> Policies);

internal sealed record PolicyShape(string Name, string Partition, int Cost, string OnStoreFailure, bool Shadow, IReadOnlyList<TierShape> Tiers);

internal sealed record TierShape(string Name, string Algorithm, int Permits, double WindowSeconds, int Burst);

internal sealed record ClientStatus(
    string Policy, string Client, string Partition, bool Overridden, bool Unlimited, bool Shadow, double RetryAfterSeconds, IReadOnlyList<TierState> Tiers);

internal sealed record TierState(string Name, string Algorithm, int Limit, long Used, long Remaining, double ResetAfterSeconds);
