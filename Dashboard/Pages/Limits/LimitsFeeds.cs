using Sluice.Contracts.Limits;
using Sluice.Contracts.Traffic;
using Sluice.Dashboard.Gateway;
using Sluice.Dashboard.Live;

namespace Sluice.Dashboard.Pages.Limits;

/// <summary>What the pages of limits watch, each read once for all who look.</summary>
public sealed class LimitsFeeds(GatewayClient gateway, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan often = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan seldom = TimeSpan.FromSeconds(2);

    /// <summary>Traffic by window, as in <c>15m</c>.</summary>
    public LiveFeed<string, TrafficSnapshot> Traffic { get; } = new(
        (window, cancellationToken) => gateway.GetAsync<TrafficSnapshot>($"/metrics?series=true&window={Uri.EscapeDataString(window)}", cancellationToken),
        often, time);

    /// <summary>The policies in force, and the breaker.</summary>
    public LiveFeed<string, PolicyList> Policies { get; } = new(
        (path, cancellationToken) => gateway.GetAsync<PolicyList>(path, cancellationToken), seldom, time);

    /// <summary>Where clients stand.</summary>
    public LiveFeed<BucketKey, ClientStatus> Buckets { get; } = new(
        (bucket, cancellationToken) => gateway.GetAsync<ClientStatus>(bucket.Path, cancellationToken), often, time);

    public async ValueTask DisposeAsync()
    {
        await Traffic.DisposeAsync();
        await Policies.DisposeAsync();
        await Buckets.DisposeAsync();
    }
}

/// <summary>A client in a policy.</summary>
public sealed record BucketKey(string Policy, string Client)
{
    /// <summary>Where the gateway shows and resets it.</summary>
    public string Path => $"/limits/{Uri.EscapeDataString(Policy)}/{Uri.EscapeDataString(Client)}";
}
