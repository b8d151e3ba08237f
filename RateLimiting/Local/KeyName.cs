namespace Sluice.RateLimiting.Local;

/// <summary>Tells keys apart: by policy and partition, and by the tiers, which differ where an override does.</summary>
internal readonly struct KeyName(RateLimitPolicy policy, string partition) : IEquatable<KeyName>
{
    public RateLimitPolicy Policy => policy;

    public string Partition => partition;

    public bool Equals(KeyName other) =>
        string.Equals(partition, other.Partition, StringComparison.Ordinal)
        && (ReferenceEquals(policy, other.Policy) || IsLike(other.Policy));

    public override bool Equals(object? obj) => obj is KeyName other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(policy.Name, partition);

    private bool IsLike(RateLimitPolicy other) =>
        string.Equals(policy.Name, other.Name, StringComparison.Ordinal) && policy.Tiers.SequenceEqual(other.Tiers);
}
