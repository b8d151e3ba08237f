using Sluice.Contracts.Limits;
using Sluice.Gateway.Clients;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>A client that somebody asks about, as it stands in a policy.</summary>
internal sealed class LimitedClient
{
    private readonly LimitedPolicy policy;
    private readonly Caller? client;

    private LimitedClient(LimitedPolicy policy, Caller? client, string key)
    {
        this.policy = policy;
        this.client = client;
        Terms = policy.For(client?.Name);
        Key = key;
    }

    /// <summary>What holds for it.</summary>
    public LimitedPolicy.Terms Terms { get; }

    /// <summary>What it is counted under.</summary>
    public string Key { get; }

    /// <param name="policy">Where it is looked for.</param>
    /// <param name="text">A registered client's name, an address, or a partition's key as <see cref="Partition"/> makes it.</param>
    /// <param name="clients">The registered ones.</param>
    /// <returns>Null if the text is no client in this policy.</returns>
    public static LimitedClient? Find(LimitedPolicy policy, string? text, ClientRegistry clients)
    {
        // A slash, such as an IPv6 network has, stays encoded in a path.
        var asked = text?.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) ?? "";
        if (policy.Partition.Resolve(asked, clients) is { } partition)
            return new(policy, partition.Client, partition.Key);

        // As LimitedPolicy.KeyOf puts it where a client has limits of its own.
        var end = asked.IndexOf(Partition.Separator, StringComparison.Ordinal);
        return end > 0 && PartitionPart.ClientOf(asked[..end], clients) is { } owner && policy.CountsApart(owner.Name)
            && policy.Partition.Resolve(asked[(end + 1)..], clients) is { } rest
            ? new(policy, owner, $"{owner.Partition}{Partition.Separator}{rest.Key}")
            : null;
    }

    /// <summary>Whether it is who asks.</summary>
    public bool Is(HttpContext context) => client is not null
        ? client.Name == Caller.Of(context).Name
        : Key.Split(Partition.Separator).Contains(AddressPartition.Of(context.Connection.RemoteIpAddress), StringComparer.Ordinal);

    public ClientStatus StatusOf(string asked, RateLimitDecision status) => new(
        policy.Policy.Name, asked, Key, !ReferenceEquals(Terms.Policy, policy.Policy), Terms.Policy.IsUnlimited, Terms.Policy.IsShadow,
        status.RetryAfter.TotalSeconds, [.. status.Tiers.Select(LimitShapes.Of)]);
}
